"""users: the newest that is known of every user, from streams and from what was fetched."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, INT, STRING, TIMESTAMP, Array
from contactlake.tables._shapes import LEVELS, NOT_IN_STREAMS, instance_arn, instance_id, processed_at

_SUBJECT = "user"

USERS = Table(
    name="users",
    doc=(
        "One row per user, with the newest that is known: from agent events, from contact records, and from what "
        "`contactlake fetch` was told. Users who never worked, and what streams do not tell, are known only once "
        "fetched. How a user was configured at a time is in `agent_configuration`."
    ),
    columns=(
        Column("user_id", STRING, doc="Id of the user, from the user's ARN.", required=True),
        Column("user_arn", STRING, doc="ARN of the user."),
        Column("directory_user_id", STRING, doc=f"Id of the user in the directory it is managed in. {NOT_IN_STREAMS}"),
        Column("agent_hierarchy_group_id", STRING, doc="Id of the lowest hierarchy group that the user is in."),
        Column("agent_hierarchy_group_arn", STRING, doc="ARN of the lowest hierarchy group that the user is in."),
        *(
            Column(
                f"agent_hierarchy_group_level_{level}_id",
                STRING,
                doc=f"Id of the user's group on level {level} of the hierarchy.",
            )
            for level in LEVELS
        ),
        Column("agent_email", STRING, doc=f"E-mail address of the user. {NOT_IN_STREAMS}", sensitive=True),
        Column(
            "agent_secondary_email",
            STRING,
            doc=f"Second e-mail address of the user. {NOT_IN_STREAMS}",
            sensitive=True,
        ),
        Column("first_name", STRING, doc="First name of the user.", sensitive=True),
        Column("last_name", STRING, doc="Family name of the user.", sensitive=True),
        Column("mobile", STRING, doc=f"Mobile number of the user. {NOT_IN_STREAMS}", sensitive=True),
        Column("agent_username", STRING, doc="Login name of the user.", sensitive=True),
        instance_id(_SUBJECT, required=False),
        instance_arn(_SUBJECT),
        Column("agent_routing_profile_id", STRING, doc="Id of the user's routing profile."),
        Column("agent_routing_profile_arn", STRING, doc="ARN of the user's routing profile."),
        Column(
            "agent_security_profile_ids",
            Array(STRING),
            doc=f"Ids of the security profiles, which say what the user may do. {NOT_IN_STREAMS}",
        ),
        Column(
            "agent_security_profile_arns",
            Array(STRING),
            doc=f"ARNs of the security profiles, made of the instance's ARN and their ids. {NOT_IN_STREAMS}",
        ),
        Column("last_modified_region", STRING, doc=f"Region in which the user was last changed. {NOT_IN_STREAMS}"),
        Column("last_modified_timestamp", TIMESTAMP, doc=f"When the user was last changed. {NOT_IN_STREAMS}"),
        Column(
            "after_contact_work_time_limit",
            INT,
            doc=f"Longest after-contact work of the user; 0: no limit. {NOT_IN_STREAMS}",
            unit="s",
        ),
        Column("auto_accept", BOOLEAN, doc="Whether contacts connect to the user without a click."),
        Column("desk_phone_number", STRING, doc=f"Number of the user's desk phone. {NOT_IN_STREAMS}", sensitive=True),
        Column(
            "phone_type",
            STRING,
            doc=f"What the user takes calls with. {NOT_IN_STREAMS}",
            values=("SOFT_PHONE", "DESK_PHONE"),
        ),
        Column(
            "is_active",
            BOOLEAN,
            doc=f"Whether the user still exists: it was on the last list fetched, or was seen since. {NOT_IN_STREAMS}",
        ),
        processed_at(_SUBJECT),
        Column(
            "agent_voice_enhancement_mode",
            STRING,
            doc="How the user's voice is cleaned of noise; on calls, where the setting depends on the channel.",
            values=("NONE", "VOICE_ISOLATION", "NOISE_SUPPRESSION"),
        ),
    ),
    primary_key=("user_id",),
)
