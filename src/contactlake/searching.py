"""Finds contacts: by id, time, queue, agent, words said, and more. Reads, changes nothing.

A contact's day is that of its beginning, and a table's files are kept by day. So a search goes through the days in
order, some at a time, opens only their files, and gives what it finds as it goes. Ids are looked up beforehand.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from contactlake.criteria import BY, EPOCH, MICROSECOND, Criteria, Values, measured, said, where, zone_of
from contactlake.errors import UsageError
from contactlake.model.days import DAY_US
from contactlake.storage.whereabouts import Whereabouts
from contactlake.tables import BY_NAME
from contactlake.tables._contact_ids import LOCATED

if TYPE_CHECKING:
    from contactlake.engines.content import Content
    from contactlake.engines.duck import Result
    from contactlake.storage.store import DataFile, Plan, Store

CONTACTS, MEASURES, ANALYSES = "contact_record", "contact_lens_conversational_analytics", "contact_analysis"
COLUMNS = (
    *("contact_id", "initiation_timestamp", "disconnect_timestamp", "duration_ms", "channel", "initiation_method"),
    *("queue_name", "agent_username", "customer_endpoint_address", "disconnect_reason"),
)
"""What is shown of a contact unless the caller names columns."""

DURATION = "(epoch_us(disconnect_timestamp) - epoch_us(initiation_timestamp)) // 1000"
_FIRST_ROWS, _MOST_ROWS = 200_000, 1_000_000  # a first page soon, then as much at a time as memory and patience allow
_ANALYSED_ROWS = 100_000  # transcripts are long
_FEW_FILES = 4  # so many are read for ids sooner than an SQL engine is loaded

MILLISECOND = timedelta(milliseconds=1)
_KEYS = ("initiation_timestamp", "contact_id", "instance_id")
_ORDER = ", ".join(f"{name} {{0}}" for name in _KEYS)

_FOUND = "WITH found AS (SELECT contact_id FROM contact_record WHERE {where})"
_MEASURED = """
, measured AS (
  SELECT contact_id FROM contact_lens_conversational_analytics SEMI JOIN found USING (contact_id) WHERE {measured})
"""
_SAID = """
, best AS (
  SELECT contact_id, redacted, analysis_id FROM contact_analysis SEMI JOIN {found} USING (contact_id)
  QUALIFY row_number() OVER (PARTITION BY contact_id ORDER BY redacted, analysed_at DESC, analysis_id DESC) = 1),
turn AS (
  SELECT contact_id, unnest(transcript).content AS content
  FROM contact_analysis SEMI JOIN best USING (contact_id, redacted, analysis_id)),
spoken AS (SELECT contact_id FROM turn GROUP BY contact_id HAVING {said})
"""


class Ask(Protocol):
    """Answers a query over tables of the given content."""

    def __call__(
        self,
        sql: str,
        contents: Mapping[str, Content],
        parameters: Mapping[str, Any],
        views: Sequence[tuple[str, str]] = (),
    ) -> Result:
        """The rows; ``parameters`` are the values of ``$name``, ``views`` further (name, SELECT) pairs."""


Told = Callable[[int, int, int], None]
"""Is told how a search goes on: days searched, days in all, contacts found."""


@dataclass(frozen=True)
class View:
    """What to give of the contacts found.

    limit         at most so many; None: all
    after         where the page before ended (its ``next``)
    columns       of contact_record, and ``duration_ms``; empty: ``COLUMNS``; ``("all",)``: every one
    oldest_first  else the newest comes first
    time_zone     in which times are given
    """

    limit: int | None = 50
    after: str | None = None
    columns: tuple[str, ...] = ()
    oldest_first: bool = False
    time_zone: str = "UTC"

    @property
    def selected(self) -> tuple[str, ...]:
        """The names of the columns. Raises ``UsageError`` for one that is not there."""
        table = BY_NAME[CONTACTS]
        if self.columns == ("all",):
            return (*table.by_name, "duration_ms")
        known = {name.lower(): name for name in (*table.by_name, "duration_ms")}
        if unknown := [name for name in self.columns if name.lower() not in known]:
            raise UsageError(f"{CONTACTS} has no column {unknown[0]}. See: contactlake describe {CONTACTS}")
        return tuple(known[name.lower()] for name in self.columns) or COLUMNS


class Contacts:
    """The contacts of one page. Iterate once; ``next`` then says where the next page begins (None: there is none)."""

    def __init__(self, columns: tuple[str, ...], found: Iterator[dict[str, Any] | str]) -> None:
        self.columns = columns
        self.next: str | None = None
        self._found = found

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._found:
            if isinstance(row, str):
                self.next = row
            else:
                yield row

    def rows(self) -> list[dict[str, Any]]:
        """All of them."""
        return list(self)


def search(store: Store, ask: Ask, criteria: Criteria, view: View, told: Told | None = None) -> Contacts:
    """The contacts that fit, in the order of their beginning. Raises ``UsageError`` where the question is wrong."""
    if view.limit is not None and view.limit < 1:
        raise UsageError("A page has at least one contact; leave the limit out for all.")
    after = None if view.after is None else _position(view.after, view.oldest_first)
    return Contacts(view.selected, _pages(store, ask, criteria, view, after, told))


def _pages(
    store: Store, ask: Ask, criteria: Criteria, view: View, after: list[Any] | None, told: Told | None
) -> Iterator[dict[str, Any] | str]:
    """The rows, and at last the position after which the next page begins, if there is one."""
    plan = store.plan(CONTACTS)
    files = _files(store, plan.files, criteria, after, view.oldest_first)
    days = len({f.day for f in files})
    left, found, done = view.limit, 0, 0
    last: dict[str, Any] = {}
    for chunk in _chunks(files, criteria) if plan.readable else [files] if files else []:
        contents = {CONTACTS: content(store, CONTACTS, plan, [f.path for f in chunk])}
        rows = _by_id(criteria, view, contents[CONTACTS]) if after is None else None
        if rows is None:
            rows = _rows(store, ask, criteria, view, after, contents, left, min(f.day or 0 for f in chunk))
        for row in rows:
            if left is not None and found == left:
                yield _token(last, view.oldest_first)
                return
            last, found = row, found + 1
            yield _given(row, view)
        done += len({f.day for f in chunk})
        if told is not None and days > done:
            told(done, days, found)


def _files(
    store: Store, files: Sequence[DataFile], criteria: Criteria, after: list[Any] | None, oldest_first: bool
) -> list[DataFile]:
    """The files in which the contacts may be, in the order in which they are to be read."""
    first, last = criteria.days
    if after is not None:
        first, last = (after[0] // DAY_US, last) if oldest_first else (first, min(last, after[0] // DAY_US))
    chosen = [f for f in files if f.day is None or first <= f.day <= last]
    if criteria.ids:
        index = Whereabouts(store.root, CONTACTS, LOCATED[CONTACTS])
        holding = index.holding(criteria.ids, [f.path for f in chosen])
        chosen = [f for f in chosen if f.path in holding]
    return sorted(chosen, key=lambda f: (f.day or 0, f.path), reverse=not oldest_first)


def _chunks(files: list[DataFile], criteria: Criteria) -> Iterator[list[DataFile]]:
    """The files of whole days, as many as make a good bite: few first, then more."""
    if criteria.ids:
        if files:
            yield files
        return
    most = _ANALYSED_ROWS if criteria.analysed else _FIRST_ROWS
    chunk: list[DataFile] = []
    rows = 0
    for file in files:
        if chunk and rows >= most and file.day != chunk[-1].day:
            yield chunk
            chunk, rows = [], 0
            most = most if criteria.analysed else min(most * 5, _MOST_ROWS)
        chunk.append(file)
        rows += file.rows
    if chunk:
        yield chunk


def _by_id(criteria: Criteria, view: View, found_in: Content) -> Iterable[dict[str, Any]] | None:
    """What ``_rows`` gives, without SQL; None where that is not as quick, or not as simple."""
    only_ids = criteria.ids and criteria == Criteria(ids=criteria.ids)
    if not only_ids or not 0 < len(found_in.paths) <= _FEW_FILES:
        return None
    from contactlake.engines.parquet import rows_with

    wanted = dict.fromkeys((*view.selected, *_KEYS, *BY.values()))
    rows = rows_with(found_in.paths, "contact_id", set(criteria.ids), [c for c in wanted if c != "duration_ms"])
    if rows is None or any(row[key] is None for row in rows for key in _KEYS):
        return None
    for row in rows:
        start, end = (row[column] for column in BY.values())
        row["duration_ms"] = None if end is None else _whole_ms(end - start)
    return sorted(rows, key=lambda row: [row[key] for key in _KEYS], reverse=not view.oldest_first)


def _whole_ms(length: timedelta) -> int:
    """As ``DURATION`` has it: cut off towards 0."""
    return length // MILLISECOND if length >= timedelta() else -(-length // MILLISECOND)


def _rows(
    store: Store, ask: Ask, criteria: Criteria, view: View, after: list[Any] | None, contents: dict[str, Content],
    left: int | None, first_day: int,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The contacts of a chunk that fit, one more than asked for, with the columns that say where they stand."""
    values = Values()
    condition = where(criteria, values, DURATION)
    begin = ""
    if criteria.analysed:
        _narrow(store, ask, criteria, condition, values, contents, first_day)
        begin, found = _FOUND.format(where=condition), "found"
        if criteria.measured:
            begin, found = begin + _MEASURED.format(measured=measured(criteria, values)), "measured"
        if criteria.words:
            begin, found = begin + _SAID.format(found=found, said=said(criteria, values)), "spoken"
        condition += f" AND contact_id IN (SELECT contact_id FROM {found})"
    if after is not None:
        moment, *rest = (values(v) for v in after)
        sign = ">" if view.oldest_first else "<"
        condition += f" AND ({', '.join(_KEYS)}) {sign} (make_timestamptz({moment}::BIGINT), {', '.join(rest)})"
    wanted = dict.fromkeys((*view.selected, *_KEYS))
    columns = ", ".join(f"{DURATION} AS duration_ms" if c == "duration_ms" else f'"{c}"' for c in wanted)
    sql = f"{begin} SELECT {columns} FROM contact_record WHERE {condition} "
    sql += f"ORDER BY {_ORDER.format('ASC' if view.oldest_first else 'DESC')}"
    if left is not None:
        sql += f" LIMIT {left + 1}"
    for batch in ask(sql, contents, values.named).batches():
        yield from batch.to_pylist(maps_as_pydicts="strict")


def _narrow(
    store: Store, ask: Ask, criteria: Criteria, condition: str, values: Values, contents: dict[str, Content],
    first_day: int,
) -> None:  # fmt: skip
    """Which files to read for a chunk: those that have its contacts; no transcript is made before its contact began."""
    sql = f"SELECT contact_id FROM contact_record WHERE {condition}"
    ids = ask(sql, contents, dict(values.named)).arrow()["contact_id"].to_pylist()
    for table in [MEASURES] * criteria.measured + [ANALYSES] * bool(criteria.words):
        plan = store.plan(table)
        paths = [f.path for f in plan.files if table == MEASURES or f.day is None or f.day >= first_day]
        holding = Whereabouts(store.root, table, LOCATED[table]).holding(ids, paths) if ids else set()
        contents[table] = content(store, table, plan, sorted(holding))


def content(store: Store, table: str, plan: Plan, paths: Sequence[str]) -> Content:
    """What to read of a table: these files; all rows where only an Iceberg reader sees the table rightly."""
    from contactlake.engines.content import Content

    if plan.readable:
        return Content(paths, plan.columns, plan.uniform)
    return Content(columns=plan.columns, rows=store.scan(table))


def _given(row: dict[str, Any], view: View) -> dict[str, Any]:
    zone = zone_of(view.time_zone)
    given = {name: row[name] for name in view.selected}
    return {k: v.astimezone(zone) if isinstance(v, datetime) else v for k, v in given.items()}


def _token(row: dict[str, Any], oldest_first: bool) -> str:
    """A place in the order of contacts, as one word."""
    moment = (row["initiation_timestamp"] - EPOCH) // MICROSECOND
    text = json.dumps(["oldest" if oldest_first else "newest", moment, row["contact_id"], row["instance_id"]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(token: str, oldest_first: bool) -> list[Any]:
    wrong = UsageError(f"{token!r} is no place to go on from; take the word that the page before ended with.")
    try:
        place = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error):
        raise wrong from None
    match place:
        case [("oldest" | "newest") as order, int(moment), str(contact), str(instance)] if abs(moment) < 2**62:
            if (order == "oldest") != oldest_first:
                raise UsageError(f"That page was of the {order} first; go on in the same order.")
            return [moment, contact, instance]
    raise wrong
