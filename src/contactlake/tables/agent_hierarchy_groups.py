"""agent_hierarchy_groups: the groups of the agent hierarchy, as far as the agent events show them."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, STRING, TIMESTAMP
from contactlake.tables._shapes import NOT_IN_STREAMS, aws_account_id, instance_arn, instance_id, processed_at

_SUBJECT = "hierarchy group"

AGENT_HIERARCHY_GROUPS = Table(
    name="agent_hierarchy_groups",
    doc=(
        "One row per group of the agent hierarchy, with the newest name that the agent events show; groups that no "
        "agent in an event belongs to come only with an import."
    ),
    columns=(
        instance_id(_SUBJECT, required=False),
        instance_arn(_SUBJECT),
        aws_account_id(_SUBJECT),
        Column("agent_hierarchy_group_id", STRING, doc="Id of the hierarchy group, from its ARN.", required=True),
        Column("agent_hierarchy_group_arn", STRING, doc="ARN of the hierarchy group."),
        Column("agent_hierarchy_group_name", STRING, doc="Name of the hierarchy group."),
        Column("last_modified_region", STRING, doc=f"Region in which the group was last changed. {NOT_IN_STREAMS}"),
        Column("last_modified_timestamp", TIMESTAMP, doc="When the hierarchy group was last changed."),
        Column("is_active", BOOLEAN, doc="Whether the hierarchy group still exists."),
        processed_at(_SUBJECT),
    ),
    primary_key=("agent_hierarchy_group_id",),
)
