"""Verifies what must always be true of the agent statistics, over a whole lake. Reads, changes nothing.

Reports violations (there should be none), and by agent and day where the evidence has gaps: silences and repairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from contactlake.config import Settings
from contactlake.model.relation import Relation
from contactlake.model.types import Array
from contactlake.tables import BY_NAME
from contactlake.tables._relations import RELATIONS

if TYPE_CHECKING:
    from contactlake.engines.duck import Result

_EXAMPLES = 3
_CUSTOM = " + ".join(f"custom_state_time_{n:02}" for n in range(1, 51))
_ASR, _AQSR = "agent_statistic_record", "agent_queue_statistic_record"
_LENGTH = "epoch_ms(interval_end_time) - epoch_ms(interval_start_time)"
_ROUTABLE = "online_time - non_productive_time"
_COUNTS = (
    *("agent_non_response", "contacts_offered", "contacts_handled", "handle_time", "contact_time_ms"),
    *(f"agent_{k}_connecting_time" for k in ("incoming", "outbound", "callback", "api")),
    *(f"{k}_connecting_attempts" for k in ("incoming", "outbound", "callback", "api")),
)
_OF_DAY = "instance_id, user_id, strftime({}, '%Y-%m-%d') AS day"

_BY_SPANS = """
SELECT instance_id, user_id, day, s.online AS spans, r.online AS rows FROM (
  SELECT instance_id, user_id, strftime(u.t, '%Y-%m-%d') AS day,
    sum(epoch_ms(least(end_time, u.t + INTERVAL 1 DAY)) - epoch_ms(greatest(start_time, u.t))) AS online
  FROM agent_status_span,
    unnest(generate_series(date_trunc('day', start_time), end_time - INTERVAL 1 MILLISECOND, INTERVAL 1 DAY)) AS u(t)
  WHERE known AND status_type <> 'OFFLINE' GROUP BY ALL) AS s
FULL JOIN (
  SELECT instance_id, user_id, strftime(interval_start_time, '%Y-%m-%d') AS day, sum(online_time) AS online
  FROM agent_statistic_record WHERE online_time > 0 GROUP BY ALL) AS r USING (instance_id, user_id, day)
WHERE s.online IS DISTINCT FROM r.online
"""

_HANDLED = """
SELECT instance_id, user_id, day, s.handled AS spans, r.handled AS rows FROM (
  SELECT instance_id, user_id, strftime(u.t, '%Y-%m-%d') AS day,
    sum(epoch_ms(least(end_time, u.t + INTERVAL 1 DAY)) - epoch_ms(greatest(start_time, u.t))) AS handled
  FROM agent_contact_span,
    unnest(generate_series(date_trunc('day', start_time), end_time - INTERVAL 1 MILLISECOND, INTERVAL 1 DAY)) AS u(t)
  WHERE known AND state_class = 'HANDLING' AND end_time > start_time GROUP BY ALL) AS s
FULL JOIN (
  SELECT instance_id, user_id, strftime(interval_start_time, '%Y-%m-%d') AS day, sum(handle_time) AS handled
  FROM agent_queue_statistic_record WHERE handle_time > 0 GROUP BY ALL) AS r USING (instance_id, user_id, day)
WHERE s.handled IS DISTINCT FROM r.handled
"""

_OFFERED = """
WITH state AS (
  SELECT instance_id, user_id, contact_id, appeared_by, state_number, max(end_time) AS ends,
    any_value(state_class) AS class, any_value(connected) AS connected,
    arg_min(initiation_method, start_time) AS method, count(DISTINCT coalesce(initiation_method, '')) AS methods
  FROM agent_contact_span GROUP BY ALL),
sequence AS (
  SELECT *, lead(class) OVER w AS next_class, lead(connected) OVER w AS next_connected,
    lead(state_number) OVER w IS NULL AS is_last, max(ends) OVER (PARTITION BY instance_id, user_id) AS agent_ends,
    max(methods) OVER (PARTITION BY instance_id, user_id) = 1
    AND min(coalesce(method, '')) OVER a = max(coalesce(method, '')) OVER a AS plain
  FROM state
  WINDOW w AS (PARTITION BY instance_id, user_id, contact_id, appeared_by ORDER BY state_number),
    a AS (PARTITION BY instance_id, user_id, contact_id, appeared_by)),
tried AS (
  SELECT instance_id, user_id, bool_and(plain) AS plain,
    count(*) FILTER (routed AND (state_number = 1 AND class = 'HANDLING' OR next_class = 'HANDLING'
      AND (class = 'RINGING' OR class = 'DIALLING' AND next_connected))) AS answered,
    count(*) FILTER (routed AND is_last AND class IN ('RINGING', 'DIALLING') AND ends = agent_ends) AS maybe_open
  FROM (SELECT *, coalesce(method, '') NOT IN ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY') AS routed FROM sequence)
  GROUP BY ALL),
counted AS (
  SELECT instance_id, user_id,
    sum(contacts_offered - agent_non_response - callback_connecting_attempts) AS answered_or_open
  FROM agent_queue_statistic_record GROUP BY ALL)
SELECT instance_id, user_id, answered, maybe_open, answered_or_open FROM tried JOIN counted USING (instance_id, user_id)
WHERE plain AND answered_or_open NOT BETWEEN answered AND answered + maybe_open
"""

_GAPS = """
SELECT instance_id, user_id, strftime(start_time, '%Y-%m-%d') AS day, start_time, next_start FROM (
  SELECT *, lead(start_time) OVER (PARTITION BY instance_id, user_id ORDER BY start_time) AS next_start
  FROM agent_status_span)
WHERE end_time <> next_start
"""

_EVIDENCE = """
SELECT instance_id, user_id, strftime(start_time, '%Y-%m-%d') AS day,
  count(*) FILTER (what = 'status' AND NOT known) AS status_silences,
  coalesce(sum(length) FILTER (what = 'status' AND NOT known), 0)::BIGINT AS status_unknown_ms,
  count(*) FILTER (what = 'contact' AND NOT known) AS contact_silences,
  coalesce(sum(length) FILTER (what = 'contact' AND NOT known), 0)::BIGINT AS contact_unknown_ms,
  count(*) FILTER (repaired) AS repairs
FROM (
  SELECT 'status' AS what, instance_id, user_id, start_time, known, repaired,
    epoch_ms(end_time) - epoch_ms(start_time) AS length FROM agent_status_span
  UNION ALL
  SELECT 'contact', instance_id, user_id, start_time, known, repaired,
    epoch_ms(end_time) - epoch_ms(start_time) FROM agent_contact_span)
WHERE NOT known OR repaired GROUP BY ALL ORDER BY ALL
"""

_ORPHANS = """
SELECT {number} AS number, (SELECT count(value) FROM ({values})) AS "rows", coalesce(sum(n), 0)::BIGINT AS orphans,
  count(*) AS "values", coalesce(min(value, {examples}), []) AS examples
FROM (
  SELECT value, count(*) AS n FROM ({values}) AS f
  ANTI JOIN (SELECT {to_column} AS value FROM {to_table}) AS t USING (value)
  WHERE value IS NOT NULL GROUP BY value)
"""


_IMPORTED = " UNION ".join(f"SELECT {_OF_DAY.format('interval_start_time')} FROM {table}" for table in (_ASR, _AQSR))


def check(
    query: Callable[[str], Result], settings: Settings, imported: Callable[[str], Result] | None = None
) -> dict[str, Any]:
    """What must hold, and what is merely so.

    ``rules``: each with the number of violations; ``violations``: where; ``evidence``: silences and repairs;
    ``orphans``: what names a row that is not there, which is a fact and breaks no rule. ``imported`` answers over
    imported rows: agents' days that have any are not judged, as their evidence is elsewhere.
    """
    rules, violations = [], []
    elsewhere = {tuple(row.values()) for row in imported(_IMPORTED).rows()} if imported else set()
    agents = {agent_day[:2] for agent_day in elsewhere}
    for name, sql in _rules(settings).items():
        found = query(f"{sql} ORDER BY ALL").rows()
        found = [row for row in found if _agent_day(row) not in elsewhere and _agent_day(row) not in agents]
        rules.append({"rule": name, "violations": len(found)})
        violations += [{"rule": name, **row} for row in found]
    evidence = query(_EVIDENCE).rows()
    return {"rules": rules, "violations": violations, "evidence": evidence, "orphans": orphans(query)}


def orphans(query: Callable[[str], Result], relations: Sequence[Relation] = RELATIONS) -> list[dict[str, Any]]:
    """By relation: rows that name something, those among them that name what is not known, how many values that is,
    and the first of these."""
    parts = []
    for number, r in enumerate(relations):
        several = isinstance(BY_NAME[r.table].by_name[r.column].type, Array)
        values = f"SELECT {f'unnest({r.column})' if several else r.column} AS value FROM {r.table}"
        parts.append(
            _ORPHANS.format(
                number=number, values=values, to_table=r.to_table, to_column=r.to_column, examples=_EXAMPLES
            )
        )
    found = query(" UNION ALL ".join(parts) + " ORDER BY number").rows()
    return [{"relation": str(relations[row.pop("number")]), **row} for row in found]


def _rules(settings: Settings) -> dict[str, str]:
    """By the rule in words: the query for rows that break it."""
    asr, aqsr = (_broken(table) for table in (_ASR, _AQSR))
    working = "agent_on_contact_time + agent_idle_time"
    idle = f"{working} <> {_ROUTABLE}" if settings.idle_includes_ringing else f"{working} > {_ROUTABLE}"
    measures = "online_time, error_time, non_productive_time, agent_idle_time, agent_on_contact_time"
    few = "instance_id NOT IN (SELECT instance_id FROM agent_status WHERE number > 50)"
    return {
        "no measure is negative or absent": f"{asr} coalesce(least({measures}) < 0, true) OR "
        f"{' OR '.join(f'{m} IS NULL' for m in measures.split(', '))}",
        "no queue measure is negative or absent": f"{aqsr} {' OR '.join(f'coalesce({c} < 0, true)' for c in _COUNTS)}",
        "a row has a measure above 0": f"{asr} online_time = 0 AND error_time = 0",
        "online time includes non-productive time": f"{asr} non_productive_time > online_time",
        "routable time covers time on contact and idle": f"{asr} {idle}",
        "custom states add up to non-productive time": f"{asr} {_CUSTOM} <> non_productive_time AND {few}",
        "no time exceeds its interval": f"{asr} online_time > {_LENGTH}",
        "intervals have the length that is set": f"{asr} {_LENGTH} <> {settings.interval_minutes * 60_000}",
        "contact time is no longer than handle time and interval": (
            f"{aqsr} contact_time_ms > least(handle_time, {_LENGTH})"
        ),
        "ids are unique": (
            f"SELECT asr_statistic_id AS id, count(*) AS rows FROM {_ASR} GROUP BY ALL HAVING count(*) > 1 UNION ALL "
            f"SELECT aqsr_statistic_id, count(*) FROM {_AQSR} GROUP BY ALL HAVING count(*) > 1"
        ),
        "an agent's status spans follow each other without gap or overlap": _GAPS,
        "online time is that of the spans, day by day": _BY_SPANS,
        "handle time is that of the spans, day by day": _HANDLED,
        "offered is answered, not responded to, not picked up or still open": _OFFERED,
    }


def _agent_day(row: dict[str, Any]) -> tuple[Any, ...]:
    """Whose row, and of which day, as far as it says."""
    return tuple(row[name] for name in ("instance_id", "user_id", "day") if name in row)


def _broken(table: str) -> str:
    day = _OF_DAY.format("interval_start_time")
    id_ = "asr_statistic_id" if table == _ASR else "aqsr_statistic_id"
    return f"SELECT {day}, {id_} AS id FROM {table} WHERE"
