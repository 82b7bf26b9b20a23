"""directory_resource: what the vendor's API said of an instance's users, routing profiles and hierarchy groups."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, STRING, TIMESTAMP, Array, Take, field, struct
from contactlake.tables._shapes import LEVELS

_LEVEL_KEYS = ("LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive")

VOICE_ENHANCEMENT = struct(field("channel"), field("voice_enhancement_mode"))


def _user(name: str, path: str, doc: str, sensitive: bool = False) -> Column:
    return Column(name, STRING, f"resource.{path}", doc, sensitive=sensitive)


DIRECTORY_RESOURCE = Table(
    name="directory_resource",
    doc=(
        "What `contactlake fetch` was told by the vendor's API: one row for every user, routing profile and hierarchy "
        "group that was new or had changed, and for every kind one row with the ids of all that there were. Columns "
        "that do not belong to a row's kind are null."
    ),
    columns=(
        Column("instance_id", STRING, "instanceId", "Id of the instance that was asked.", required=True),
        Column(
            "resource_type",
            STRING,
            "contactlakeSnapshot",
            "What the row tells of; the lists hold ids only.",
            required=True,
            values=("user", "routing-profile", "hierarchy-group", "user-list", "routing-profile-list",
                    "hierarchy-group-list"),
        ),
        Column(
            "resource_id",
            STRING,
            "resource.Id | resource.RoutingProfileId | instanceId",
            "Id of the resource; of a list that of the instance.",
            required=True,
        ),
        Column("fetched_at", TIMESTAMP, "fetchedAt", "When the API was asked; one instant for all of a run.",
               required=True),
        Column("resource_arn", STRING, "resource.Arn | resource.RoutingProfileArn", "ARN of the resource."),
        Column("name", STRING, "resource.Name | resource.Username",
               "Name of the routing profile or group, login name of the user.", sensitive=True),
        Column("last_modified_timestamp", TIMESTAMP, "resource.LastModifiedTime",
               "When the resource was last changed, as the API says."),
        Column("last_modified_region", STRING, "resource.LastModifiedRegion",
               "Region in which the resource was last changed, as the API says."),
        Column("listed_ids", Array(STRING), "resource.Ids", "Lists: the ids of all resources that the instance had."),
        _user("directory_user_id", "DirectoryUserId", "Users: id in the directory that they are managed in."),
        _user("first_name", "IdentityInfo.FirstName", "Users: first name.", sensitive=True),
        _user("last_name", "IdentityInfo.LastName", "Users: family name.", sensitive=True),
        _user("email", "IdentityInfo.Email", "Users: e-mail address.", sensitive=True),
        _user("secondary_email", "IdentityInfo.SecondaryEmail", "Users: second e-mail address.", sensitive=True),
        _user("mobile", "IdentityInfo.Mobile", "Users: mobile number.", sensitive=True),
        _user("routing_profile_id", "RoutingProfileId", "Users: id of their routing profile; profiles: their own id."),
        _user("hierarchy_group_id", "HierarchyGroupId", "Users: id of the lowest group that they are in."),
        Column("security_profile_ids", Array(STRING), "resource.SecurityProfileIds",
               "Users: ids of their security profiles."),
        _user("phone_type", "PhoneConfig.PhoneType", "Users: what they take calls with."),
        Column("auto_accept", BOOLEAN, "resource.PhoneConfig.AutoAccept",
               "Users: whether contacts connect without a click."),
        Column("after_contact_work_time_limit", BIGINT, "resource.PhoneConfig.AfterContactWorkTimeLimit",
               "Users: longest after-contact work in seconds; 0: no limit.", unit="s"),
        _user("desk_phone_number", "PhoneConfig.DeskPhoneNumber", "Users: number of the desk phone.", sensitive=True),
        Column("voice_enhancement_configs", Array(VOICE_ENHANCEMENT), "resource.VoiceEnhancementConfigs",
               "Users: by channel, how the voice is cleaned of noise."),
        _user("description", "Description", "Routing profiles: what they are for, in words."),
        _user("default_outbound_queue_id", "DefaultOutboundQueueId",
              "Routing profiles: id of the queue that outbound calls are booked on."),
        _user("agent_availability_timer", "AgentAvailabilityTimer",
              "Routing profiles: what counts as an agent's being idle longest."),
        *(
            Column(f"level_{level}_group_id", STRING, f"resource.HierarchyPath.{key}.Id",
                   f"Groups: id of the group on level {level} on the way down to this one, which is the last.")
            for level, key in zip(LEVELS, _LEVEL_KEYS, strict=True)
        ),
        Column("resource", STRING, "resource", "All that the API said, as JSON.", take=Take.JSON, sensitive=True),
    ),
    primary_key=("instance_id", "resource_type", "resource_id", "fetched_at"),
    partition_by="fetched_at",
    ours=True,
)  # fmt: skip
