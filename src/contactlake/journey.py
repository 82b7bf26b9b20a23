"""A contact and those it has to do with: what happened, step by step, and its picture. Reads, changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactlake.criteria import Values, checked, zone_of
from contactlake.errors import UsageError
from contactlake.model.days import day_number
from contactlake.searching import content
from contactlake.storage.whereabouts import Whereabouts
from contactlake.tables._contact_ids import LOCATED
from contactlake.tables._named import named_views

if TYPE_CHECKING:
    from contactlake.engines.content import Content
    from contactlake.searching import Ask
    from contactlake.storage.store import Store

CONTACTS = "contact_record"
LINKS = LOCATED[CONTACTS]
MOST = 200
"""So many contacts of a chain are followed; a thread of e-mails can be longer."""

_FACTS = (
    *("instance_id", *LINKS, "channel", "initiation_method", "initiation_timestamp", "disconnect_timestamp"),
    *("queue_name", "agent_username", "customer_endpoint_address", "disconnect_reason"),
)
_LAST = (
    *("disconnect_timestamp", "agent_after_contact_work_end_timestamp", "transfer_completed_timestamp"),
    *("queue_dequeue_timestamp", "agent_connected_to_agent_timestamp", "initiation_timestamp"),
)
_DAY = timedelta(days=1)
_BY_ID = (CONTACTS, "contact_analysis", "contact_evaluation")
_DURING = ("agent_contact_span", "agent_configuration", "contact_flow_log")  # these happen while the contact runs
_COLOURS = {
    "flow": "#b8bec5",
    "queue": "#e9a23b",
    "ringing": "#63b7d6",
    "dialling": "#7d5fb2",
    "agent": "#2f6fb5",
    "joined": "#5b8fcc",
    "hold": "#d9534f",
    "pause": "#c77dff",
    "after-contact work": "#2a9d6f",
    "missed": "#8c1d18",
    "rejected": "#8c1d18",
    "error": "#8c1d18",
    "began": "#333333",
    "ended": "#333333",
    "transfer": "#ff7f0e",
    "continued": "#ff7f0e",
    "analysis": "#17becf",
    "evaluation": "#bcbd22",
}


def journey(store: Store, ask: Ask, contact_id: str, time_zone: str = "UTC") -> dict[str, Any]:
    """``contacts`` that the contact has to do with, itself included, and their ``steps``, each in the order of time.

    Followed are next, previous, initial and related contacts, in both directions. ``more`` says whether there were too
    many to follow. Raises ``UsageError`` where there is no such contact.
    """
    zone = zone_of(time_zone)
    contacts, more = _chain(store, ask, checked(contact_id))
    if not contacts:
        raise UsageError(f"There is no contact {contact_id!r}. Find contacts with: contactlake search")
    steps = _steps(store, ask, contacts)
    own = next(c for c in contacts if c["contact_id"] == contact_id)
    shown = [{name: c[name] for name in _FACTS} for c in contacts]
    return {
        "contact_id": contact_id,
        "chain_id": own["initial_contact_id"] or contact_id,
        "contacts": [_local(c, zone) for c in shown],
        "steps": [_local(s, zone) for s in steps],
        "more": more,
    }


def _chain(store: Store, ask: Ask, contact_id: str) -> tuple[list[dict[str, Any]], bool]:
    """The contacts that links lead to, from link to link; whether there are more than are followed."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    asked: set[str] = set()
    frontier = {contact_id}
    names = ", ".join(dict.fromkeys((*_FACTS, *_LAST)))
    while frontier and len(known) < MOST:
        values = Values()
        ids = sorted(frontier)
        where = " OR ".join(values.among(link, ids) for link in LINKS)
        content = {CONTACTS: _holding(store, CONTACTS, ids)}
        for row in ask(f"SELECT {names} FROM {CONTACTS} WHERE {where}", content, values.named).rows():
            known[row["instance_id"], row["contact_id"]] = row
        asked |= frontier
        frontier = {row[link] for row in known.values() for link in LINKS} - asked - {None}
        if not any(row["contact_id"] == contact_id for row in known.values()):
            return [], False
    found = sorted(known.values(), key=lambda c: (c["initiation_timestamp"], c["contact_id"]))
    return found, bool(frontier)


def _steps(store: Store, ask: Ask, contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What happened to these contacts, contact by contact."""
    ids = sorted({c["contact_id"] for c in contacts})
    first = min(c["initiation_timestamp"] for c in contacts) - _DAY
    last = max(c[name] for c in contacts for name in _LAST if c[name] is not None) + _DAY
    contents = {table: _holding(store, table, ids) for table in _BY_ID}
    contents |= {table: _within(store, table, first, last) for table in _DURING}
    values = Values()
    chains = sorted({c["initial_contact_id"] or c["contact_id"] for c in contacts})
    sql = (
        "SELECT contact_id, what, start_time, end_time, who, detail, instance_id, chain_id FROM contact_journey "
        f"WHERE {values.among('chain_id', chains)} AND {values.among('contact_id', ids)} ORDER BY position"
    )
    rows = ask(sql, contents, values.named, named_views(sql)).rows()
    begun = {(c["instance_id"], c["contact_id"]): c["initiation_timestamp"] for c in contacts}
    rows.sort(key=lambda s: (begun[s["instance_id"], s["contact_id"]], s["contact_id"]))
    return [{"position": n, **row} for n, row in enumerate(rows, 1)]


def _holding(store: Store, table: str, ids: Collection[str]) -> Content:
    plan = store.plan(table)
    paths = Whereabouts(store.root, table, LOCATED[table]).holding(ids, [f.path for f in plan.files])
    return content(store, table, plan, sorted(paths))


def _within(store: Store, table: str, first: datetime, last: datetime) -> Content:
    plan = store.plan(table)
    days = range(day_number(first.date().isoformat()), day_number(last.date().isoformat()) + 1)
    return content(store, table, plan, [f.path for f in plan.files if f.day is None or f.day in days])


def _local(row: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    return {k: v.astimezone(zone) if isinstance(v, datetime) else v for k, v in row.items()}


def draw(found: dict[str, Any], target: Path) -> None:
    """Draw the steps into a .png, .svg or .html file, a lane for each contact. Needs the extra ``charts``."""
    from contactlake.timeline import charts, save

    altair = charts(target)
    lanes = {
        c["contact_id"]: f"{n:02} {c['contact_id'][:8]} {c['channel'] or ''}"
        for n, c in enumerate(found["contacts"], 1)
    }
    values = [
        {
            "lane": lanes[s["contact_id"]],
            "what": s["what"],
            "who": s["who"],
            "detail": s["detail"],
            "from": s["start_time"].isoformat(),
            "to": s["end_time"] and s["end_time"].isoformat(),
        }
        for s in found["steps"]
        if s["start_time"] is not None
    ]
    data = altair.InlineData(values=values)
    encoding = {
        "y": altair.Y("lane:N", title=None, sort=list(lanes.values())),
        "color": altair.Color(
            "what:N", title=None, scale=altair.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
        ),
        "tooltip": ["lane:N", "what:N", "who:N", "detail:N", "from:T", "to:T"],
    }
    x = altair.X("from:T", title="UTC", scale=altair.Scale(type="utc"))
    lasting = altair.Chart(data).transform_filter("isValid(datum.to)").mark_bar().encode(x=x, x2="to:T", **encoding)
    moments = (
        altair.Chart(data)
        .transform_filter("!isValid(datum.to)")
        .mark_point(filled=True, size=70, opacity=1)
        .encode(x=x, shape=altair.Shape("what:N", legend=None), **encoding)
    )
    chart = altair.layer(lasting, moments, title=f"contact {found['contact_id']}")
    save(chart.properties(width=1000, height=altair.Step(28)), target)
