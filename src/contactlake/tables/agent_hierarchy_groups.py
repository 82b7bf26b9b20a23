"""agent_hierarchy_groups: the newest that is known of every group of the hierarchy, from streams and fetched."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, STRING, TIMESTAMP
from contactlake.tables._shapes import NOT_IN_STREAMS, aws_account_id, instance_arn, instance_id, processed_at

_SUBJECT = "hierarchy group"

AGENT_HIERARCHY_GROUPS = Table(
    name="agent_hierarchy_groups",
    doc=(
        "One row per group of the agent hierarchy, with the newest that is known: from agent events, from contact "
        "records, and from what `contactlake fetch` was told. Groups that no agent was seen in are known only once "
        "fetched. What it was called at a time is in `resource_name`."
    ),
    columns=(
        instance_id(_SUBJECT, required=False),
        instance_arn(_SUBJECT),
        aws_account_id(_SUBJECT),
        Column("agent_hierarchy_group_id", STRING, doc="Id of the hierarchy group, from its ARN.", required=True),
        Column("agent_hierarchy_group_arn", STRING, doc="ARN of the hierarchy group."),
        Column("agent_hierarchy_group_name", STRING, doc="Name of the hierarchy group."),
        Column("last_modified_region", STRING, doc=f"Region in which the group was last changed. {NOT_IN_STREAMS}"),
        Column(
            "last_modified_timestamp", TIMESTAMP, doc=f"When the hierarchy group was last changed. {NOT_IN_STREAMS}"
        ),
        Column(
            "is_active",
            BOOLEAN,
            doc=f"Whether the group still exists: it was on the last list fetched, or was seen since. {NOT_IN_STREAMS}",
        ),
        processed_at(_SUBJECT),
    ),
    primary_key=("agent_hierarchy_group_id",),
)
