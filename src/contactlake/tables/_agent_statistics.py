"""The steps from agent events to agent spans and statistics, in order (the statistics rules, sections 1 to 6).

Each step is the .sql file of its name beside this module. What would be fifty equal lines there is written here once.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template

from contactlake.model.step import Derivation, Step
from contactlake.tables._snapshot_chain import chain_order

_LEVELS = [f"agent_hierarchy_level_{n}" for n in range(1, 6)]
_IDS = ["routing_profile_id", *(f"{level}_id" for level in _LEVELS)]
_ARNS = ["instance_arn", "user_arn", "agent_routing_profile_arn", *(f"{level}_arn" for level in _LEVELS)]
_CUSTOM = [f"custom_state_time_{n:02}" for n in range(1, 51)]
_QUEUE_MEASURES = [
    "agent_non_response",
    "contacts_offered",
    "contacts_handled",
    "handle_time",
    "agent_incoming_connecting_time",
    "agent_outbound_connecting_time",
    "agent_callback_connecting_time",
    "agent_api_connecting_time",
    "incoming_connecting_attempts",
    "outbound_connecting_attempts",
    "callback_connecting_attempts",
    "api_connecting_attempts",
    "contact_time_ms",
]


def _lines(parts: list[str], indent: int = 2, between: str = ",") -> str:
    return (between + "\n" + " " * indent).join(parts)


def _grain_text(*own: str) -> str:
    """A text that is different for different grains: every part with its length, absent parts as ``-``."""
    parts = ["instance_id", "user_id", *_IDS, *own]
    texts = [f"COALESCE(LENGTH(r.{part}) || ':' || r.{part}, '-')" for part in parts]
    times = ["CAST(r.interval_start AS VARCHAR)", "CAST(r.interval_start + s.interval_ms AS VARCHAR)"]
    texts += [f"LENGTH({text}) || ':' || {text}" for text in times]
    return _lines(texts, 4, " || '|' ||")


def _sql(name: str) -> str:
    grain = {
        "agent_statistic_record": _grain_text(),
        "agent_queue_statistic_record": _grain_text("queue_id", "queue_type", "channel"),
    }
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Template(text).safe_substitute(
        grain_text=grain.get(name, ""),
        config_ids=_lines([f"MIN({c}) AS {c}" for c in _IDS], 4),
        config_arns=_lines([f"MAX({c}) AS {c}" for c in ("aws_account_id", *_ARNS)], 4),
        config_id_names=_lines([f"r.{c}" for c in _IDS]),
        config_arn_names=_lines([f"r.{c}" for c in _ARNS]),
        span_config_names=_lines([f"g.{c}" for c in (*_IDS, "aws_account_id", *_ARNS)]),
        custom_state_times=_lines(
            [
                f"CAST(SUM(CASE WHEN number = {n} THEN non_productive_time ELSE 0 END) AS BIGINT) AS {c}"
                for n, c in enumerate(_CUSTOM, start=1)
            ],
            4,
        ),
        custom_state_time_names=_lines([f"r.{c}" for c in _CUSTOM]),
        queue_measures=_lines(
            [
                f"CAST(SUM(CASE WHEN m.measure = '{c}' THEN m.amount ELSE 0 END) AS BIGINT) AS {c}"
                for c in _QUEUE_MEASURES
            ],
            4,
        ),
        queue_measure_names=_lines([f"r.{c}" for c in _QUEUE_MEASURES]),
        any_queue_measure=_lines([f"r.{c} > 0" for c in _QUEUE_MEASURES], 2, " OR"),
    )


def _step(name: str) -> Step:
    if name == "_agent_tie":
        columns = (("agent", "BIGINT"), ("event_id", "VARCHAR"), ("position", "BIGINT"))
        return Step(name, _sql(name), through=chain_order, columns=columns)
    return Step(name, _sql(name))


AGENT_STATISTICS = Derivation(
    inputs=("_agent_event", "_agent_status_number"),
    rules="_agent_rules",
    steps=tuple(
        map(
            _step,
            (
                "_agent_evidence",
                "_agent",
                "_agent_config",
                "_agent_status_face",
                "_agent_evidence_numbered",
                "_agent_tie",
                "_agent_timeline",
                "_agent_status_gap",
                "_agent_status_piece",
                "_agent_contact_listed",
                "_agent_contact_previous",
                "_agent_contact_repair",
                "_agent_contact_row",
                "_agent_contact_state",
                "_agent_contact_piece",
                "_agent_queue",
                "_agent_attempt",
                "_agent_moment",
                "_agent_measure_time",
                "_agent_queue_time",
                "_agent_contact_time",
                "agent_status_span",
                "agent_contact_span",
                "agent_statistic_record",
                "agent_queue_statistic_record",
            ),
        )
    ),
    results=(
        "agent_status_span",
        "agent_contact_span",
        "agent_statistic_record",
        "agent_queue_statistic_record",
    ),
)
"""Inputs: ``_agent_event`` (the columns of agent_event and ``part``, which numbers the stretches of an agent's history
that are derived on their own; 0 for all of it) and ``_agent_status_number`` (the columns of agent_status)."""
