"""What several tables share: open sets of values, and the columns that nearly every table has.

Owns no table. The wording takes the table's subject ("agent event"), so that no two columns are described alike.
"""

from contactlake.model.table import PROCESSED_AT, Column
from contactlake.model.types import BIGINT, BOOLEAN, STRING, TIMESTAMP, Scalar

LEVELS = range(1, 6)
"""The levels of the agent hierarchy, 1 the uppermost."""

CHANNELS = ("VOICE", "CHAT", "TASK", "EMAIL")

INITIATION_METHODS = (
    "INBOUND",
    "OUTBOUND",
    "TRANSFER",
    "CALLBACK",
    "API",
    "QUEUE_TRANSFER",
    "DISCONNECT",
    "MONITOR",
    "EXTERNAL_OUTBOUND",
    "WEBRTC_API",
    "AGENT_REPLY",
    "FLOW",
    "CAMPAIGN_PREVIEW",
)

NO_SOURCE = "The stream has no source for it; null."

NOT_IN_STREAMS = "The streams do not tell; null unless fetched."


def instance_id(subject: str, required: bool = True) -> Column:
    """The id of the instance that the row belongs to."""
    return Column(
        "instance_id", STRING, doc=f"Id of the Connect instance that the {subject} belongs to.", required=required
    )


def instance_arn(subject: str, required: bool = False) -> Column:
    """The ARN of the instance that the row belongs to."""
    return Column("instance_arn", STRING, doc=f"ARN of the Connect instance of the {subject}.", required=required)


def aws_account_id(subject: str, required: bool = False) -> Column:
    """The AWS account of the instance."""
    return Column("aws_account_id", STRING, doc=f"AWS account that the {subject} belongs to.", required=required)


def processed_at(subject: str, name: str = PROCESSED_AT, required: bool = False) -> Column:
    """When the row's values last changed, in the table's own spelling."""
    doc = f"When the stored values of this {subject} last changed; says nothing about how fresh the table is."
    return Column(name, TIMESTAMP, doc=doc, required=required)


def version(name: str, subject: str) -> Column:
    """The number of a version: a change adds a row with the next one."""
    return Column(name, BIGINT, doc=f"Version of the {subject}; every change makes a new one.", required=True)


def is_deleted(subject: str) -> Column:
    """Whether a version says that the thing is gone."""
    return Column("is_deleted", BOOLEAN, doc=f"Whether the {subject} is deleted as of this version.")


def last_updated_by(subject: str) -> Column:
    """Who made the version."""
    return Column("last_updated_by", STRING, doc=f"ARN of who last changed the {subject}.")


def last_updated_timestamp(subject: str, type: Scalar = TIMESTAMP) -> Column:
    """When the version was made."""
    return Column("last_updated_timestamp", type, doc=f"When the {subject} was last changed.")
