"""routing_profiles: the newest that is known of every routing profile, from streams and from what was fetched."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, STRING, TIMESTAMP
from contactlake.tables._shapes import NOT_IN_STREAMS, instance_arn, instance_id, processed_at

_SUBJECT = "routing profile"

ROUTING_PROFILES = Table(
    name="routing_profiles",
    doc=(
        "One row per routing profile, with the newest that is known: from agent events, from contact records, and from "
        "what `contactlake fetch` was told. Profiles that no agent was seen with, and what streams do not tell, are "
        "known only once fetched. What it was called at a time is in `resource_name`."
    ),
    columns=(
        Column("agent_routing_profile_id", STRING, doc="Id of the routing profile, from its ARN.", required=True),
        Column("agent_routing_profile_arn", STRING, doc="ARN of the routing profile."),
        Column("routing_profile_name", STRING, doc="Name of the routing profile."),
        instance_id(_SUBJECT, required=False),
        instance_arn(_SUBJECT),
        Column(
            "agent_availability_timer",
            STRING,
            doc=f"What counts as an agent's being idle longest under the profile. {NOT_IN_STREAMS}",
            values=("TIME_SINCE_LAST_ACTIVITY", "TIME_SINCE_LAST_INBOUND"),
        ),
        Column(
            "default_outbound_queue_id",
            STRING,
            doc="Id of the queue that outbound calls under the profile are booked on.",
        ),
        Column("routing_profile_description", STRING, doc=f"What the profile is for, in words. {NOT_IN_STREAMS}"),
        Column("last_modified_region", STRING, doc=f"Region in which the profile was last changed. {NOT_IN_STREAMS}"),
        Column(
            "last_modified_timestamp", TIMESTAMP, doc=f"When the routing profile was last changed. {NOT_IN_STREAMS}"
        ),
        Column(
            "is_active",
            BOOLEAN,
            doc=f"Whether it still exists: on the last list fetched, or seen since. {NOT_IN_STREAMS}",
        ),
        processed_at(_SUBJECT),
    ),
    primary_key=("agent_routing_profile_id",),
)
