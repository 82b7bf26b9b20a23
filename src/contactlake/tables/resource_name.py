"""resource_name: what routing profiles, hierarchy groups and queues were called, and when."""

from contactlake.model.table import Column, Table
from contactlake.model.types import STRING, TIMESTAMP
from contactlake.tables._shapes import instance_id

RESOURCE_NAME = Table(
    name="resource_name",
    doc=(
        "What a routing profile, hierarchy group or queue was called, and when: one row for every stretch of a UTC day "
        "in which all that names it gives the same name. The name at an instant is that of the row with the latest "
        "`first_seen` at or before it."
    ),
    columns=(
        instance_id("named thing"),
        Column(
            "resource_type",
            STRING,
            doc="What it is.",
            required=True,
            values=("ROUTING_PROFILE", "HIERARCHY_GROUP", "QUEUE", "AGENT_QUEUE"),
        ),
        Column("resource_id", STRING, doc="Id of the thing, from its ARN.", required=True),
        Column("resource_arn", STRING, doc="ARN of the thing, where one was seen with the name."),
        Column("name", STRING, doc="Its name.", required=True),
        Column("first_seen", TIMESTAMP, doc="When the name was first seen in the stretch.", required=True),
        Column("last_seen", TIMESTAMP, doc="When the name was last seen in the stretch.", required=True),
    ),
    primary_key=("instance_id", "resource_type", "resource_id", "first_seen"),
    partition_by="first_seen",
    ours=True,
)
