"""One agent's day: the spans of status and contacts, and their picture. Reads, changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from contactlake.errors import ContactlakeError, UsageError
from contactlake.explaining import quoted

if TYPE_CHECKING:
    from contactlake.engines.duck import Result

SUFFIXES = (".png", ".svg", ".html")
_COLOURS = {
    "ROUTABLE": "#2a9d6f",
    "CUSTOM": "#e9a23b",
    "OFFLINE": "#b8bec5",
    "unknown": "#d9534f",
    "HANDLING": "#2f6fb5",
    "DIALLING": "#7d5fb2",
    "RINGING": "#63b7d6",
    "FAILED": "#8c1d18",
    "other": "#777777",
}

_SPANS = """
SELECT 'status' AS what, NULL AS contact_id, greatest(start_time, {day}) AS "from",
  least(end_time, {day} + INTERVAL 1 DAY) AS "to",
  status_name AS state, CASE WHEN known THEN status_type ELSE 'unknown' END AS class,
  repaired, cut_by_silence, opened_by, closed_by
FROM agent_status_span WHERE user_id = {user} AND start_time < {day} + INTERVAL 1 DAY AND end_time > {day}
UNION ALL
SELECT 'contact', contact_id, greatest(start_time, {day}), least(end_time, {day} + INTERVAL 1 DAY),
  state, CASE WHEN known THEN coalesce(state_class, 'other') ELSE 'unknown' END,
  repaired, cut_by_silence, opened_by, closed_by
FROM agent_contact_span WHERE user_id = {user} AND start_time < {day} + INTERVAL 1 DAY AND end_time > {day}
ORDER BY "from", "to", what DESC, contact_id
"""


def timeline(query: Callable[[str], Result], user: str, day: str) -> list[dict[str, Any]]:
    """The spans of an agent's day (UTC), cut at its bounds."""
    return query(_SPANS.format(user=quoted(user), day=f"TIMESTAMPTZ '{day} 00:00:00+00'")).rows()


def draw(spans: list[dict[str, Any]], title: str, target: Path) -> None:
    """Draw the spans into a .png, .svg or .html file. Needs the extra ``charts``."""
    altair = charts(target)
    lanes: dict[str, int] = {}
    values = []
    for span in spans:
        contact = span["contact_id"]
        lane = "status" if contact is None else f"{lanes.setdefault(contact, len(lanes) + 1):02} {contact[:8]}"
        times = {name: span[name].isoformat() for name in ("from", "to")}
        values.append({"lane": lane, **times, "state": span["state"], "class": span["class"], "contact": contact})
    order = ["status", *(f"{n:02} {contact[:8]}" for contact, n in lanes.items())]
    chart = (
        altair.Chart(altair.InlineData(values=values), title=title)
        .mark_bar()
        .encode(
            x=altair.X("from:T", title="UTC", scale=altair.Scale(type="utc")),
            x2="to:T",
            y=altair.Y("lane:N", title=None, sort=order),
            color=altair.Color(
                "class:N",
                title=None,
                scale=altair.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
            ),
            tooltip=["lane:N", "state:N", "class:N", "from:T", "to:T", "contact:N"],
        )
        .properties(width=1000, height=altair.Step(16))
    )
    save(chart, target)


def charts(target: Path) -> ModuleType:
    """The library that draws. Raises where it is not there, or ``target`` is no name for a picture."""
    if target.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{target}: the picture's name must end in {', '.join(SUFFIXES)}.")
    try:
        import altair
        import vl_convert  # noqa: F401
    except ModuleNotFoundError:
        raise ContactlakeError("Drawing needs Altair: pip install 'contactlake[charts]'") from None
    return altair


def save(chart: Any, target: Path) -> None:
    """Write a chart as its file's name says; a page carries its scripts with it."""
    if target.suffix.lower() == ".html":
        chart.save(str(target), inline=True)
    else:
        chart.save(str(target))
