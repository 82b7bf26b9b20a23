"""From a cell of the agent statistics back to spans and raw events. Reads, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import duckdb

from contactlake.attribution import CONFIGURATION, Agent, Part, Span
from contactlake.build import derive
from contactlake.by_window import EVENTS
from contactlake.config import Settings
from contactlake.decode.decoder import key_hash
from contactlake.deriving import rules_of
from contactlake.errors import UsageError
from contactlake.pipeline import BY_NAME, STREAMS
from contactlake.tables._agent_statistics import AGENT_TIMELINE, EVENT_COLUMNS, USER_ID

if TYPE_CHECKING:
    from contactlake.engines.duck import Result

KEYS = {"agent_statistic_record": "asr_statistic_id", "agent_queue_statistic_record": "aqsr_statistic_id"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPANS = (
    'SELECT *, epoch_us(start_time) // 1000 AS start, epoch_us(end_time) // 1000 AS "end" FROM {} WHERE {} ORDER BY {}'
)
_IN_ORDER = "start_time, appeared_place, state_number, end_time, contact_id"
_NO_MEASURES = {"agent_non_response_without_customer_abandons"}


class Explainer:
    """Explains rows of the agent statistics."""

    def __init__(
        self,
        query: Callable[[str], Result],
        settings: Settings,
        imported: Callable[[str], Result] | None = None,
    ) -> None:
        self.query, self.settings, self.imported = query, settings, imported
        self._agents: dict[tuple[str, str], Agent] = {}

    def row(self, table: str, id_: str, column: str | None = None) -> dict[str, Any]:
        """A row by its id: its measures (or one) with the parts that add up to them, and the events behind these."""
        key = self._key(table)
        found = self.query(f"SELECT * FROM {table} WHERE {key} = {quoted(id_)}").rows()
        if not found:
            raise UsageError(f'{table} has no row {id_}. Find ids with: contactlake query "SELECT {key} FROM {table}"')
        return self._explain(table, found[0], column)

    def interval(self, table: str, agent: str, instant: str, column: str | None = None) -> list[dict[str, Any]]:
        """The rows of an agent (id, ARN or user name) whose interval holds an instant."""
        self._key(table)
        user, moment = self.user(agent), _moment(instant)
        found = self.query(
            f"SELECT * FROM {table} WHERE user_id = {quoted(user)} AND interval_start_time <= {moment} "
            f"AND interval_end_time > {moment} ORDER BY ALL"
        ).rows()
        if not found:
            raise UsageError(f"{table} has no row of agent {user} at {instant}: nothing was measured then.")
        return [self._explain(table, row, column) for row in found]

    def user(self, agent: str) -> str:
        """The id of an agent given by id, ARN or user name. Raises ``UsageError`` where there is none, or several."""
        id_ = agent.rpartition("agent/")[2]
        rows = self.query(f"SELECT user_id FROM agent_status_span WHERE user_id = {quoted(id_)} LIMIT 1").rows()
        if rows:
            return id_
        found = self.query(
            "SELECT DISTINCT user_id FROM agent_configuration "
            f"WHERE source = 'agent_event' AND agent_username = {quoted(agent)} ORDER BY ALL"
        ).rows()
        if len(found) != 1:
            several = f" {len(found)} agents have that name; use an id." if found else ""
            raise UsageError(f"There is no agent {agent} with agent events in this lake.{several}")
        return str(found[0]["user_id"])

    def agent(self, instance: str, user: str) -> Agent:
        """An agent's spans, read once."""
        if (instance, user) not in self._agents:
            mine = f"instance_id = {quoted(instance)} AND user_id = {quoted(user)}"
            numbers = self.query(f"SELECT * FROM agent_status WHERE instance_id = {quoted(instance)}").rows()
            statuses, contacts = (self.query(sql).rows() for sql in spans_of(mine))
            self._agents[instance, user] = Agent(
                statuses=statuses,
                contacts=contacts,
                last_configuration=cache(partial(self._last_configuration, instance, user)),
                numbers={n["status_id"]: n["number"] for n in numbers},
                contacts_handled=self.settings.contacts_handled,
                idle_includes_ringing=self.settings.idle_includes_ringing,
            )
        return self._agents[instance, user]

    def events(self, ids: Iterable[str], instance: str) -> list[dict[str, Any]]:
        """Events by id, and where each stands in what was delivered."""
        wanted = sorted(set(ids))
        if not wanted:
            return []
        listed = ", ".join(map(quoted, wanted))
        facts = (
            "event_id, event_timestamp, event_type, current_agent_status_name AS status, "
            "list_transform(current_contacts, lambda x: {'contact_id': x.contact_id, 'state': x.state}) AS contacts"
        )
        rows = self.query(
            f"SELECT {facts} FROM agent_event WHERE instance_id = {quoted(instance)} AND event_id IN ({listed}) "
            "ORDER BY event_timestamp, event_id"
        ).rows()
        places = self._places(wanted, instance)
        return [{**row, **places.get(row["event_id"], {})} for row in rows]

    def _explain(self, table: str, row: dict[str, Any], column: str | None) -> dict[str, Any]:
        id_ = row[KEYS[table]]
        if self.imported and self.imported(f"SELECT 1 FROM {table} WHERE {KEYS[table]} = {quoted(id_)}").rows():
            raise UsageError(f"Row {id_} of {table} was imported as it is: no events of this lake stand behind it.")
        start, end = ms(row["interval_start_time"]), ms(row["interval_end_time"])
        columns = measures(table) if column is None else [self._column(table, column)]
        agent = self.agent(row["instance_id"], row["user_id"])
        cells, used = [], set()
        for name in columns:
            parts = agent.parts({**row, "start": start, "end": end}, name)
            total = sum(p.amount for p in parts)
            if column is None and not row[name] and not total:
                continue
            used |= {id_ for p in parts for id_ in _evidence(p)}
            shown = [_shown(p) for p in sorted(parts, key=lambda p: (p.start, p.end))]
            cells.append(
                {"column": name, "value": row[name], "sum": total, "adds_up": row[name] == total, "parts": shown}
            )
        grain = ("instance_id", "user_id", *CONFIGURATION, "queue_id", "queue_type", "channel")
        return {
            "table": table,
            "id": id_,
            "row": {n: row[n] for n in (*grain, "interval_start_time", "interval_end_time") if n in row},
            "cells": cells,
            "events": self.events(used, row["instance_id"]),
        }

    def _column(self, table: str, column: str) -> str:
        if column not in measures(table):
            raise UsageError(f"{table}.{column} is no measure. Measures: {', '.join(measures(table))}.")
        return column

    def _key(self, table: str) -> str:
        if table not in KEYS:
            raise UsageError(f"{table} cannot be explained; these can: {', '.join(KEYS)}.")
        return KEYS[table]

    def _last_configuration(self, instance: str, user: str) -> tuple[Any, ...]:
        """The configuration of the agent's last event.

        Which one that is of several in one millisecond depends on those before them, back to one that stands alone.
        """
        mine = (
            f"instance_id = {quoted(instance)} AND contains(agent_arn, {quoted('agent/' + user)}) "
            f"AND {USER_ID.replace('e.', '')} = {quoted(user)} "
            "AND coalesce(nullif(current_agent_status_arn, ''), nullif(current_agent_status_name, '')) IS NOT NULL"
        )
        instant = "epoch_us(event_timestamp) // 1000"
        alone = f"SELECT {instant} AS t FROM agent_event WHERE {mine} GROUP BY ALL HAVING count(*) = 1"
        events = self.query(
            f"SELECT {', '.join(EVENT_COLUMNS)} FROM agent_event WHERE {mine} "
            f"AND {instant} >= coalesce((SELECT max(t) FROM ({alone})), {instant})"
        ).arrow()
        with duckdb.connect(config={"threads": 1}) as con:
            con.register("_given", events)
            derive.run(con, AGENT_TIMELINE, {"_agent_event": "FROM _given"}, rules_of(self.settings))
            ids = ", ".join(f"c.{name}" for name in CONFIGURATION)
            shown = f"SELECT {ids} FROM _agent_timeline AS t JOIN _agent_config AS c USING (config)"
            return con.execute(f"{shown} ORDER BY t.i DESC LIMIT 1").fetchone() or ()

    def _places(self, ids: list[str], instance: str) -> dict[str, dict[str, Any]]:
        """Where the records of events stand: landed object, offset, length."""
        stream = next(s.name for s in STREAMS if s.table == EVENTS)
        keys: dict[tuple[int, int], str] = {}
        for id_ in ids:
            values = {"instance_id": instance, "event_id": id_}
            hashed = key_hash(stream, tuple(values[n] for n in BY_NAME[EVENTS].primary_key))
            halves = [int.from_bytes(h, "little", signed=True) for h in (hashed[:8], hashed[8:])]
            keys[halves[0], halves[1]] = id_
        listed = ", ".join(f"({hi}, {lo})" for hi, lo in keys)
        rows = self.query(
            'SELECT key_hi, key_lo, object, "offset", length FROM record_version '
            f"WHERE stream = {quoted(stream)} AND (key_hi, key_lo) IN ({listed}) ORDER BY stamp"
        ).rows()
        return {keys[r.pop("key_hi"), r.pop("key_lo")]: r for r in rows}


def measures(table: str) -> list[str]:
    """The columns of a table that can be explained."""
    return [c.name for c in BY_NAME[table].columns if c.type.name == "bigint" and c.name not in _NO_MEASURES]  # type: ignore[union-attr]


def spans_of(which: str) -> tuple[str, str]:
    """The queries for the status spans and the contact spans that are ``which`` (a condition), in ``Agent``'s order."""
    orders = {"agent_status_span": "start_time", "agent_contact_span": _IN_ORDER}
    statuses, contacts = (_SPANS.format(table, which, order) for table, order in orders.items())
    return statuses, contacts


def quoted(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def ms(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def moment(milliseconds: int) -> datetime:
    """The instant so many milliseconds after 1970 began."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _moment(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no instant; write it as 2025-03-31T09:15:00Z.") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return f"make_timestamptz({ms(instant) * 1000})"


def _evidence(part: Part) -> list[str]:
    spans = [*part.contacts, *([part.status] if part.status else [])]
    return [id_ for s in spans for id_ in (s["opened_by"], s["closed_by"]) if id_]


def _shown(part: Part) -> dict[str, Any]:
    shown: dict[str, Any] = {"from": moment(part.start), "to": moment(part.end), "amount": part.amount}
    if part.status is not None:
        shown["status"] = {"name": part.status["status_name"], **_marks(part.status)}
    if part.contacts:
        names = ("contact_id", "state", "state_class")
        shown["contacts"] = [{**{n: c[n] for n in names}, **_marks(c)} for c in part.contacts]
    return shown


def _marks(span: Span) -> dict[str, Any]:
    names = ("repaired", "cut_by_silence", "forced_offline")
    marks = {name: True for name in names if span.get(name)}
    bounds = {"span_from": span["start_time"], "span_to": span["end_time"]}
    return {**marks, **bounds, "opened_by": span["opened_by"], "closed_by": span["closed_by"]}
