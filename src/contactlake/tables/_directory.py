"""The families that tell the latest of users, routing profiles and hierarchy groups: from streams and from the API."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from contactlake.model.step import Derivation, Family, Input, Reach, Step
from contactlake.tables._shapes import LEVELS

_SEEN = "agent_hierarchy_level_{}_{}"
_GROUP_IDS = tuple(f"level_{level}_group_id" for level in LEVELS)
_RESOURCE = ("instance_id", "resource_type", "resource_id", "fetched_at")
_MODIFIED = ("last_modified_region", "last_modified_timestamp")


def _lines(parts: list[str], indent: int) -> str:
    return (",\n" + " " * indent).join(parts)


def _step(name: str) -> Step:
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Step(
        name,
        Template(text).substitute(
            level_ids=", ".join(_SEEN.format(level, "id") for level in reversed(LEVELS)),
            level_arns=", ".join(_SEEN.format(level, "arn") for level in reversed(LEVELS)),
            levels_seen=_lines([f"'level_{level}': {_SEEN.format(level, 'id')}" for level in LEVELS], 6),
            levels_of_group=_lines([f"'level_{level}': g.level_{level}_group_id" for level in LEVELS], 6),
            levels=_lines(
                [f"k.hierarchy.level_{level} AS agent_hierarchy_group_level_{level}_id" for level in LEVELS], 2
            ),
        ),
    )


def _of_kind(kind: str) -> str:
    return f"CASE WHEN resource_type = '{kind}' THEN resource_id END"


def _family(
    table: str, key: str, kind: str, seen: tuple[str, Input], short: str, described: tuple[str, ...],
    directory: tuple[str, ...] = (), shown_by: tuple[str, ...] = (),
) -> Family:  # fmt: skip
    """A family of one table: of what streams show (``seen``) and what the API ``described``.

    ``directory``: what is looked up of all rows of the directory, besides the lists. A row of the kinds ``shown_by``,
    or a list, concerns everybody.
    """
    name, of_streams = seen
    kinds = ", ".join(f"'{k}'" for k in (f"{kind}-list", *shown_by))
    everybody = f"EXISTS (SELECT 1 FROM _change WHERE resource_type IN ({kinds}))"
    return Family(
        name=table,
        subject=key,
        inputs={
            name: of_streams,
            f"_{short}_described": Input(
                "directory_resource", (*_RESOURCE, "resource_arn", "name", *_MODIFIED, *described), _of_kind(kind)
            ),
            f"_{short}_directory": Input("directory_resource", (*_RESOURCE, "listed_ids", *directory)),
        },
        derivation=Derivation(
            inputs=(name, f"_{short}_described", f"_{short}_directory"),
            rules=f"_{short}_rules",
            steps=(_step(table),),
            results=(table,),
        ),
        reach={
            of_streams.table: Reach(
                tuple(c for c in of_streams.columns if c in _REACHED[of_streams.table]),
                f"SELECT DISTINCT {of_streams.subject} AS subject FROM _change",
            ),
            "directory_resource": Reach(
                ("resource_type", "resource_id"),
                f"SELECT {_of_kind(kind)} AS subject FROM _change"
                f" UNION SELECT {of_streams.subject} FROM {name} WHERE {everybody}"
                f" UNION SELECT {_of_kind(kind)} FROM _{short}_described WHERE {everybody}",
            ),
        },
    )


_REACHED = {
    "agent_configuration": ("user_id", "agent_routing_profile_id"),
    "resource_name": ("resource_type", "resource_id"),
}
"""What the subjects are told from."""

_TOLD = ("instance_id", "instance_arn", "user_id", "user_arn", "source", "first_seen", "last_seen")

USERS_FAMILY = _family(
    table="users",
    key="user_id",
    kind="user",
    seen=(
        "_user_configuration",
        Input(
            "agent_configuration",
            (
                *_TOLD,
                *("agent_username", "first_name", "last_name", "auto_accept", "agent_voice_enhancement_mode"),
                *("agent_routing_profile_id", "agent_routing_profile_arn"),
                *(_SEEN.format(level, part) for level in LEVELS for part in ("id", "arn")),
            ),
            "user_id",
        ),
    ),
    short="user",
    described=(
        *("directory_user_id", "first_name", "last_name", "email", "secondary_email", "mobile", "routing_profile_id"),
        *("hierarchy_group_id", "security_profile_ids", "phone_type", "auto_accept", "after_contact_work_time_limit"),
        *("desk_phone_number", "voice_enhancement_configs"),
    ),
    directory=_GROUP_IDS,
    shown_by=("hierarchy-group",),
)

ROUTING_PROFILES_FAMILY = _family(
    table="routing_profiles",
    key="agent_routing_profile_id",
    kind="routing-profile",
    seen=(
        "_profile_configuration",
        Input(
            "agent_configuration",
            (
                *_TOLD,
                *("agent_routing_profile_id", "agent_routing_profile_arn", "routing_profile_name"),
                "default_outbound_queue_id",
            ),
            "agent_routing_profile_id",
        ),
    ),
    short="profile",
    described=("description", "default_outbound_queue_id", "agent_availability_timer"),
)

HIERARCHY_GROUPS_FAMILY = _family(
    table="agent_hierarchy_groups",
    key="agent_hierarchy_group_id",
    kind="hierarchy-group",
    seen=(
        "_group_name",
        Input(
            "resource_name",
            ("instance_id", "resource_type", "resource_id", "resource_arn", "name", "first_seen", "last_seen"),
            _of_kind("HIERARCHY_GROUP"),
        ),
    ),
    short="group",
    described=(),
)

DIRECTORY_FAMILIES = (USERS_FAMILY, ROUTING_PROFILES_FAMILY, HIERARCHY_GROUPS_FAMILY)
