"""The steps from agent events to agent spans and statistics, in order (the statistics rules, sections 1 to 6).

Each step is the .sql file of its name beside this module. What would be fifty equal lines there is written here once.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from string import Template

from contactlake.model.step import Derivation, Passes, Step
from contactlake.model.types import Arn
from contactlake.tables._snapshot_chain import chain_order

_LEVELS = [f"agent_hierarchy_level_{n}" for n in range(1, 6)]
_IDS = ["routing_profile_id", *(f"{level}_id" for level in _LEVELS)]
_ARNS = ["instance_arn", "user_arn", "agent_routing_profile_arn", *(f"{level}_arn" for level in _LEVELS)]
_CUSTOM = [f"custom_state_time_{n:02}" for n in range(1, 51)]
_SHOWN = (
    "instance_id",
    "aws_account_id",
    "instance_arn",
    "agent_arn",
    "current_routing_profile_arn",
    *(f"current_agent_hierarchy_groups_level_{n}_arn" for n in range(1, 6)),
    *(f"{side}_agent_status_{part}" for side in ("current", "previous") for part in ("arn", "name", "type")),
)
"""What agents, configurations and statuses are told apart by."""
_CONTACT = {
    "contact_id": "x.contact_id",
    "state": "x.state",
    "state_start": "x.state_start_timestamp",
    "reached": "x.connected_to_agent_timestamp IS NOT NULL",
    "method": "x.initiation_method",
    "channel": "x.channel",
    "queue_arn": "x.queue.arn",
}
"""What is read of a contact ``x`` in a snapshot's list."""
_INTERVAL_STARTS = (
    "UNNEST(GENERATE_SERIES(s.a - ((s.a % r.interval_ms) + r.interval_ms) % r.interval_ms, s.b - 1, r.interval_ms))"
)
"""The starts of the intervals that ``s.a`` to ``s.b`` touches: as rows; a lateral join costs ten times as much."""
_STARTED = "m.what = 'started' AND m.kind"
_CONNECTING = "m.what = 'connecting' AND m.kind"
_QUEUE_MEASURES = {
    "agent_non_response": "m.what = 'no_response'",
    "contacts_offered": f"{_STARTED} <> 'outbound'",
    "contacts_handled": "m.what = 'handled'",
    "handle_time": "m.what = 'handling'",
    "agent_incoming_connecting_time": f"{_CONNECTING} = 'incoming'",
    "agent_outbound_connecting_time": f"{_CONNECTING} = 'outbound'",
    "agent_callback_connecting_time": f"{_CONNECTING} = 'callback'",
    "agent_api_connecting_time": f"{_CONNECTING} = 'api'",
    "incoming_connecting_attempts": f"{_STARTED} = 'incoming'",
    "outbound_connecting_attempts": f"{_STARTED} = 'outbound'",
    "callback_connecting_attempts": "m.what = 'no_pick_up'",
    "api_connecting_attempts": f"{_STARTED} = 'api'",
    "contact_time_ms": "m.what = 'contact_time'",
}
"""By measure of a queue: what is added up. Nothing belongs to two of those that ``_queue_sums`` puts side by side."""


def _lines(parts: list[str], indent: int = 2, between: str = ",") -> str:
    return (between + "\n" + " " * indent).join(parts)


def _grain(*parts: str) -> str:
    """A text that is different for different grains: every part with its length, absent parts as ``-``."""
    return _lines([f"COALESCE(LENGTH({part}) || ':' || {part}, '-')" for part in parts], 4, " || '|' ||")


_BITS = 42
"""For a measure of a queue that stands beside others in a number: 139 years in one interval."""
_BESIDE = 3
"""So many stand in a number of 126 bits: summing them up costs as much as one."""


def _queue_sums() -> list[str]:
    """The measures of queues, summed up side by side."""
    whats = list(_QUEUE_MEASURES.values())
    sums = [whats[first : first + _BESIDE] for first in range(0, len(whats), _BESIDE)]
    return [
        f"SUM(CASE {' '.join(f'WHEN {what} THEN m.amount * {2 ** (_BITS * n)}::HUGEINT' for n, what in enumerate(few))}"
        f" ELSE 0 END) AS sum_{number}"
        for number, few in enumerate(sums)
    ]


def _queue_measures() -> list[str]:
    """The measures of queues out of ``_queue_sums``."""
    return [
        f"CAST((r.sum_{n // _BESIDE} >> {_BITS * (n % _BESIDE)}) & {2**_BITS - 1} AS BIGINT) AS {measure}"
        for n, measure in enumerate(_QUEUE_MEASURES)
    ]


def _sql(name: str) -> str:
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Template(text).safe_substitute(
        before_user_id=Arn("agent").before,
        before_queue_id=Arn("queue").before,
        interval_starts=_INTERVAL_STARTS,
        grain_text=_grain("instance_id", "user_id", *_IDS),
        queue_text=_grain("queue_id", "queue_type", "channel"),
        times_text=_grain("CAST(r.interval_start AS VARCHAR)", "CAST(r.interval_start + s.interval_ms AS VARCHAR)"),
        contact_columns=_lines([f"{what} AS {c}" for c, what in _CONTACT.items()]),
        shown_columns=", ".join(_SHOWN),
        shown_columns_of_e=_lines([f"e.{c}" for c in _SHOWN]),
        same_shown_columns=_lines([f"s.{c} IS NOT DISTINCT FROM e.{c}" for c in _SHOWN], 2, " AND"),
        config_id_names=_lines([f"g.{c}" for c in _IDS]),
        config_arn_names=_lines([f"g.{c}" for c in _ARNS]),
        span_config_names=_lines([f"g.{c}" for c in (*_IDS, "aws_account_id", *_ARNS)]),
        custom_state_times=_lines([f"COALESCE(r.custom[{n}], 0) AS {c}" for n, c in enumerate(_CUSTOM, start=1)]),
        queue_sums=_lines(_queue_sums(), 4),
        queue_measures=_lines(_queue_measures()),
        any_queue_measure=" OR ".join(f"r.sum_{n} > 0" for n in range(len(_queue_sums()))),
    )


def _step(name: str) -> Step:
    if name == "_agent_tie":
        columns = (("agent", "INTEGER"), ("t", "BIGINT"), ("event_id", "VARCHAR"), ("position", "BIGINT"))
        return Step(name, _sql(name), through=chain_order, columns=columns)
    return Step(name, _sql(name), view=name in _READ_ONCE)


BRIEF = {"agent_status_span": "_agent_status_brief", "agent_contact_span": "_agent_contact_brief"}
"""By table of spans: the step whose rows say the same in numbers, in a tenth of the space."""

_READ_ONCE = {"_agent_evidence", "_agent_evidence_numbered", *BRIEF, *BRIEF.values()}
"""Steps that are wide and read once, or whose columns are read apart: cheaper to compute where they are read."""

_RESULTS = (
    "agent_status_span",
    "agent_contact_span",
    "agent_statistic_record",
    "agent_queue_statistic_record",
)

AGENT_FACES = Derivation(
    inputs=("_agent_event",),
    rules="_agent_rules",
    steps=tuple(
        map(
            _step,
            (
                "_agent_evidence",
                "_agent_shown",
                "_agent_config",
                "_agent",
                "_agent_status_face",
                "_agent_shown_numbered",
            ),
        )
    ),
    results=("_agent_config", "_agent", "_agent_status_face", "_agent_shown_numbered"),
)
"""Numbers for what all events show: agents, configurations, faces of statuses."""

AGENT_LISTS = Derivation(
    inputs=("_agent_event",),
    rules="_agent_rules",
    steps=tuple(map(_step, ("_agent_evidence", "_agent_list", "_agent_list_shared"))),
    results=("_agent_list", "_agent_list_shared"),
)
"""The lists of contacts that events show."""

_KEPT = tuple(map(_step, ("_agent_evidence_numbered", "_agent_kept", "_agent_list_entry")))

AGENT_KEPT = Derivation(
    inputs=(),
    rules="_agent_rules",
    steps=tuple(replace(step, view=True) for step in _KEPT),
    results=("_agent_kept", "_agent_list_entry"),
)
"""After ``AGENT_FACES`` and ``AGENT_LISTS``: the evidence that moves a boundary, with the contacts that it shows.

Of all events, or of one stretch of time after the other, of all agents or some (no instant of an agent in two of them);
then each with a ``part`` of its own."""

AGENT_FROM_KEPT = Derivation(
    inputs=("_agent_kept", "_agent_list_entry", "_agent_status_number", "_agent_connected"),
    rules="_agent_rules",
    steps=tuple(
        map(
            _step,
            (
                "_agent_contact",
                "_agent_contact_face",
                "_agent_entry",
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
                "_agent_attempt",
                "_agent_moment",
                "_agent_measure_time",
                "_agent_queue_time",
                "_agent_contact_time",
                *BRIEF.values(),
                *_RESULTS,
            ),
        )
    ),
    results=_RESULTS,
)
"""After ``AGENT_FACES``: from what ``AGENT_KEPT`` gave, of all agents or of some, to the tables."""

AGENT_PASSES = Passes(
    alone=AGENT_LISTS,
    first=AGENT_KEPT,
    by_group={
        "_agent_kept": "SELECT * REPLACE ({part} AS part), agent % {groups} AS _group FROM _agent_kept",
        "_agent_list_entry": (
            "SELECT e.* REPLACE ({part} AS part), k._group FROM _agent_list_entry AS e JOIN ("
            "SELECT list, _group FROM ({_agent_kept}) WHERE list IS NOT NULL"
            " UNION SELECT previous_list, _group FROM ({_agent_kept}) WHERE previous_list IS NOT NULL"
            ") AS k ON k.list = e.list"
        ),
    },
    second=AGENT_FROM_KEPT,
)
"""The same for more events than fit in memory, beside and after ``AGENT_FACES``."""

AGENT_STATISTICS = Derivation(
    inputs=("_agent_event", "_agent_status_number", "_agent_connected"),
    rules="_agent_rules",
    steps=(*AGENT_FACES.steps, *AGENT_LISTS.steps[1:], *_KEPT, *AGENT_FROM_KEPT.steps),
    results=_RESULTS,
)
"""Inputs: ``_agent_event`` (the columns of agent_event: all events of some agents, or for each of them a stretch of
events found by ``AGENT_STRETCHES``), ``_agent_status_number`` (of agent_status: instance_id, status_id, number) and
``_agent_connected`` (instance_id, user_id, contact_id: contacts that were connected with the agent before the first
event given; empty where all events are given)."""

AGENT_TIMELINE = Derivation(
    inputs=("_agent_event",),
    rules="_agent_rules",
    steps=AGENT_STATISTICS.steps[: [step.name for step in AGENT_STATISTICS.steps].index("_agent_timeline") + 1],
    results=("_agent_config", "_agent_timeline"),
)
"""The first of these steps: the order of events, and the configuration that each shows."""

EVENT_COLUMNS = (
    *_SHOWN,
    "event_id",
    "event_timestamp",
    "event_type",
    *(f"{side}_agent_status_start_timestamp" for side in ("current", "previous")),
    "current_contacts",
    "previous_contacts",
)
"""The columns of agent_event that are read."""

CHANGE_COLUMNS = (
    "instance_id",
    "agent_arn",
    "event_timestamp",
    *(f"{side}_agent_status_{part}" for side in ("current", "previous") for part in ("arn", "name", "type")),
)
"""Of an event that was added: what ``AGENT_REACH`` and ``AGENT_STATUSES`` need to know."""

GONE_COLUMNS = ("current_contacts", "previous_contacts")
"""Of an event that was removed: what they need to know besides (of others it stands in the table)."""

ROW_TIME = {
    "agent_status_span": "start_time",
    "agent_contact_span": "start_time",
    "agent_statistic_record": "interval_start_time",
    "agent_queue_statistic_record": "interval_start_time",
}
"""The column by which a row belongs to a window of time."""

AGENT_STRETCHES = Derivation(
    inputs=("_agent_event", "_agent_window"),
    rules="_agent_rules",
    steps=(_step("_agent_restart"), _step("agent_stretch")),
    results=("agent_stretch",),
)
"""Which events of an agent give exactly the rows of a window ``from_ms <= time < to_ms`` (at bounds of intervals).

Inputs: ``_agent_event`` (events of the agents, over days enough), ``_agent_window`` (instance_id, user_id, from_ms,
to_ms). Result: the window with ``starts`` and ``ends``: the first and last instant of the events to be given to
``AGENT_STATISTICS``; null where no restart was found on that side: there all events of the agent are needed.

A *restart* is an event, alone in its millisecond, that shows no contact and either is a LOGIN or LOGOUT or shows
another status than the event before (alone in its millisecond, too). What a later event needs to know of the past
is: status, configuration and time of the event before (in the event itself), whether OFFLINE is forced by a LOGOUT
(decided by the restart itself: forced if it is a LOGOUT, else not), the appearances of contacts that go on (there are
none), and which contacts were connected before (given as ``_agent_connected``). So from the restart's own instant on,
everything is as if the restart were the agent's first event. Rows of the window need the events from the last restart
*before* the window to the first restart at or after its end; a status span that begins in the window may begin
shortly before that restart (its status begins between the restart and the event before) and then ends at the latest
at the next one, where the status changes or a LOGIN or LOGOUT ends the span: hence ``ends`` is the second restart.
"""

AGENT_REACH = Derivation(
    inputs=("_agent_event", "_agent_change", "_agent_contact_known"),
    rules="_agent_rules",
    steps=(_step("_agent_restart"), _step("_agent_reach"), _step("agent_reach")),
    results=("agent_reach",),
)
"""Which windows of which agents may have other rows after events were added, removed or changed (section 8).

Inputs: ``_agent_event`` (events as they are now, of the agents concerned, over days enough), ``_agent_change`` (the
columns of agent_event: the events that changed, as they were and as they are) and ``_agent_contact_known``
(agent_contact_span as stored before the change: instance_id, user_id, contact_id, start_time, connected).
Result: instance_id, user_id, from_ms, to_ms in ascending order, at multiples of the rule ``window_ms`` (a UTC hour, so
that no interval is cut); null: not bounded by these events, give more days.
Derive an agent's windows in this order and store the spans of one before the next.

A change at instant x moves nothing before the last restart before x (the events up to it are the same, and rows up to
it depend on nothing later), and nothing after the first restart that is one by events after x alone. A status span
may begin shortly before the former restart, so the window begins at the restart before. A contact connected on the
way may have been, or may now be, counted at a later time: the ``window_ms`` in which the earliest later connected state
begins is a window of its own.
"""

AGENT_STATUSES = Derivation(
    inputs=("_agent_event", "_agent_status_known"),
    rules="_agent_rules",
    steps=(_step("agent_status"),),
    results=("agent_status",),
)
"""The numbers of custom statuses. Inputs: ``_agent_event`` (all events, or those that are new) and
``_agent_status_known`` (agent_status as stored, empty at first). Run it before ``AGENT_STATISTICS``."""

USER_ID = f"NULLIF(REGEXP_EXTRACT(e.agent_arn, '{Arn('agent').before}([^/]+)', 1), '')"
"""The agent of an event ``e``."""

_MS = "FLOOR(EPOCH_US({}) / 1000)"


def gist(source: str) -> str:
    """The query for the input ``_agent_event`` of ``AGENT_FACES`` and ``AGENT_STATUSES`` that says the same as all the
    events: of those that show the same, the first instant and the last."""
    columns = ", ".join(_SHOWN)
    return (
        f"SELECT {columns}, UNNEST([MIN(event_timestamp), MAX(event_timestamp)]) AS event_timestamp"
        f" FROM ({source}) GROUP BY {columns}"
        f" UNION ALL BY NAME SELECT {', '.join(EVENT_COLUMNS)} FROM ({source}) WHERE FALSE"
    )


def stretch_events(source: str) -> str:
    """The query for the input ``_agent_event`` after ``AGENT_STRETCHES``: the events of every agent's stretch."""
    t = _MS.format("e.event_timestamp")
    return (
        f"SELECT e.* FROM ({source}) AS e JOIN agent_stretch AS w ON w.instance_id = e.instance_id"
        f" AND w.user_id = {USER_ID} AND (w.starts IS NULL OR {t} >= w.starts) AND (w.ends IS NULL OR {t} <= w.ends)"
    )


def connected_before(spans: str) -> str:
    """The query for the input ``_agent_connected`` after ``AGENT_STRETCHES``, from the stored contact spans."""
    return (
        f"SELECT DISTINCT e.instance_id, e.user_id, e.contact_id FROM ({spans}) AS e JOIN agent_stretch AS w"
        " ON w.instance_id = e.instance_id AND w.user_id = e.user_id"
        f" AND {_MS.format('e.start_time')} < w.starts WHERE e.connected"
    )


def in_words(table: str, rows: str) -> str:
    """The rows of a table, where ``rows`` (a query) gives them in brief. After ``AGENT_FACES``."""
    return f"WITH {BRIEF[table]} AS ({rows}) {_sql(table)}" if table in BRIEF else rows


def in_window(table: str, rows: str | None = None) -> str:
    """The rows of a table (or of the query ``rows`` for it) that belong to the windows of ``agent_stretch``."""
    t = _MS.format(f"e.{ROW_TIME[table]}")
    return (
        f"SELECT e.* FROM ({rows or f'SELECT * FROM temp.{table}'}) AS e JOIN agent_stretch AS w"
        " ON w.instance_id = e.instance_id AND w.user_id = e.user_id"
        f" AND (w.from_ms IS NULL OR {t} >= w.from_ms) AND (w.to_ms IS NULL OR {t} < w.to_ms)"
    )
