"""The family of tables that tell who and what an id was at a time: derived day by day, from that day's rows alone."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from contactlake.model.days import sql_day
from contactlake.model.step import Derivation, Family, Input, Reach, Step
from contactlake.model.types import Arn
from contactlake.tables._shapes import LEVELS

_LEVEL = "agent_hierarchy_level_{}_{}"


_OF_EVENTS = {
    "agent_username": "current_configuration_username",
    "first_name": "current_configuration_first_name",
    "last_name": "current_configuration_last_name",
    "agent_routing_profile_arn": "current_routing_profile_arn",
    "routing_profile_name": "current_routing_profile_name",
    "default_outbound_queue_arn": "current_routing_profile_default_outbound_queue_arn",
    "default_outbound_queue_name": "current_routing_profile_default_outbound_queue_name",
    **{
        _LEVEL.format(level, part): f"current_agent_hierarchy_groups_level_{level}_{part}"
        for level in LEVELS
        for part in ("arn", "name")
    },
    "sip_address": "current_configuration_sip_address",
    "auto_accept": "current_configuration_auto_accept",
    "language_code": "current_configuration_language_code",
}
"""By column of agent_configuration: the column of an event that tells it."""

_OF_CONTACTS = {
    "agent_username": "agent_username",
    "agent_routing_profile_arn": "agent_routing_profile_arn",
    "routing_profile_name": "agent_routing_profile_name",
    **{
        _LEVEL.format(level, part): f"agent_hierarchy_groups_level_{level}_{part}"
        for level in LEVELS
        for part in ("arn", "name")
    },
    "agent_voice_enhancement_mode": "agent_voice_enhancement_mode",
}
"""By column of agent_configuration: the column of a contact record that tells it."""

_IDS = ("agent_routing_profile", "default_outbound_queue", *(f"agent_hierarchy_level_{level}" for level in LEVELS))
"""What an ARN is told of: the id is its last part."""


def _day(instant: str) -> str:
    return sql_day(f"EPOCH_US({instant})")


_OF_THE_DAY = (
    "GREATEST(EPOCH_US(initiation_timestamp), LEAST(COALESCE(EPOCH_US(told_timestamp), 0), "
    f"({_day('initiation_timestamp')} + 1) * 86400000000 - 1))"
)
"""The instant that a contact tells of, on the UTC day on which it began."""


def _lines(parts: list[str], indent: int = 4) -> str:
    return (",\n" + " " * indent).join(parts)


def _told(columns: dict[str, str]) -> str:
    """Empty texts are as good as none."""
    return _lines([f"{c} AS {n}" if n == "auto_accept" else f"NULLIF({c}, '') AS {n}" for n, c in columns.items()])


def _names() -> str:
    """The things that a configuration names, as a list."""
    things = [
        ("ROUTING_PROFILE", "agent_routing_profile_arn", "routing_profile_name"),
        ("QUEUE", "default_outbound_queue_arn", "default_outbound_queue_name"),
        *(("HIERARCHY_GROUP", _LEVEL.format(level, "arn"), _LEVEL.format(level, "name")) for level in LEVELS),
    ]
    return _lines([f"{{'type': '{kind}', 'arn': {arn}, 'name': {name}}}" for kind, arn, name in things], 8)


def _step(name: str) -> Step:
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Step(
        name,
        Template(text).substitute(
            before_user_id=Arn("agent").before,
            before_queue_id=Arn("queue").before,
            day_of_t=sql_day("t"),
            of_events=_told(_OF_EVENTS),
            of_contacts=_told(_OF_CONTACTS),
            shown_in_events=", ".join(f"CAST({c} AS VARCHAR)" for c in _OF_EVENTS.values()),
            ids=_lines([f"NULLIF(REGEXP_EXTRACT({what}_arn, '[^/]*$'), '') AS {what}_id" for what in _IDS]),
            names=_names(),
            of_the_day=_OF_THE_DAY,
            event_day=_day("event_timestamp"),
            contact_day=_day("initiation_timestamp"),
        ),
    )


CONFIGURATION = Family(
    name="agent_configuration",
    subject=_day("first_seen"),
    inputs={
        "_configured_event": Input(
            "agent_event",
            (
                *("instance_id", "aws_account_id", "instance_arn", "agent_arn", "event_id", "event_timestamp"),
                *_OF_EVENTS.values(),
                "current_contacts",
            ),
            subject=_day("event_timestamp"),
            day=True,
        ),
        "_configured_contact": Input(
            "contact_record",
            (
                *("instance_id", "aws_account_id", "instance_arn", "agent_arn", "contact_id", "initiation_timestamp"),
                *_OF_CONTACTS.values(),
                *("agent_connected_to_agent_timestamp", "queue_arn", "queue_name", "queue_enqueue_timestamp"),
            ),
            subject=_day("initiation_timestamp"),
            day=True,
        ),
        "_configured_resource": Input(
            "directory_resource",
            ("instance_id", "resource_type", "resource_arn", "name", "fetched_at"),
            subject=_day("fetched_at"),
            day=True,
        ),
    },
    derivation=Derivation(
        inputs=("_configured_event", "_configured_contact", "_configured_resource"),
        rules="_configuration_rules",
        steps=(_step("agent_configuration"), _step("resource_name")),
        results=("agent_configuration", "resource_name"),
    ),
    reach={
        "agent_event": Reach(
            ("event_timestamp",), f"SELECT DISTINCT {_day('event_timestamp')} AS subject FROM _change"
        ),
        "contact_record": Reach(
            ("initiation_timestamp",), f"SELECT DISTINCT {_day('initiation_timestamp')} AS subject FROM _change"
        ),
        "directory_resource": Reach(("fetched_at",), f"SELECT DISTINCT {_day('fetched_at')} AS subject FROM _change"),
    },
)
"""Subject: a UTC day, by its number."""
