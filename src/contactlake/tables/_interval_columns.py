"""The columns that agent_statistic_record and agent_queue_statistic_record share: whose interval a row is."""

from contactlake.model.table import Column
from contactlake.model.types import STRING, TIMESTAMP
from contactlake.tables._shapes import LEVELS, aws_account_id, instance_arn, instance_id


def grain(subject: str, key: str) -> tuple[Column, ...]:
    """The columns that say whose row it is, and which interval it counts. ``key`` names the row's id."""
    return (
        Column(
            key,
            STRING,
            doc=f"Id of the {subject}: a stable hash of what it is about, so that deriving again replaces the row.",
            required=True,
        ),
        instance_id(subject),
        Column("user_id", STRING, doc=f"Id of the agent whose {subject} this is, from the agent's ARN."),
        Column(
            "routing_profile_id",
            STRING,
            doc=f"Id of the agent's routing profile during the {subject}; a change inside an interval splits the row.",
        ),
        *(
            Column(
                f"agent_hierarchy_level_{level}_id",
                STRING,
                doc=f"Id of the agent's group on level {level} of the hierarchy during the {subject}.",
            )
            for level in LEVELS
        ),
        Column("interval_start_time", TIMESTAMP, doc=f"First moment of the {subject}; its UTC day is the partition."),
        Column("interval_end_time", TIMESTAMP, doc=f"End of the {subject}, exclusive."),
        Column(
            "published_date", TIMESTAMP, doc=f"Beginning of the {subject} again, for queries that select days by it."
        ),
        aws_account_id(subject),
    )


def later_arns(subject: str, *between: Column) -> tuple[Column, ...]:
    """The ARNs behind the ids, which later documentation adds; ``between`` stands before those of the hierarchy."""
    return (
        instance_arn(subject),
        Column("user_arn", STRING, doc=f"ARN of the agent whose {subject} this is."),
        Column("agent_routing_profile_arn", STRING, doc=f"ARN of the agent's routing profile during the {subject}."),
        *between,
        *(
            Column(
                f"agent_hierarchy_level_{level}_arn",
                STRING,
                doc=f"ARN of the agent's group on level {level} of the hierarchy during the {subject}.",
            )
            for level in LEVELS
        ),
    )
