"""The commands about statistics. Each only parses and hands over to the lake."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from contactlake.errors import ContactlakeError

if TYPE_CHECKING:
    from contactlake.lake import Lake

_lake = click.option(
    "--lake", "folder", metavar="DIR", help="The lake's folder [default: $CONTACTLAKE_LAKE, else ./lake]."
)
_format: Callable[..., Any] = click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    help="How to print the answer.",
)


@click.command()
@click.option("--from", "first", metavar="DAY", help="First day, YYYY-MM-DD in UTC [default: the first there is].")
@click.option("--to", "last", metavar="DAY", help="Last day, included [default: the last there is].")
@click.option(
    "--renumber", is_flag=True, help="Give custom statuses new numbers, in the order of time; builds everything."
)
@_lake
@_format
def build(first: str | None, last: str | None, renumber: bool, folder: str | None, format_: str) -> None:
    """Derive agent spans and statistics again from what is stored.

    Ingest does this for what its input changes; build does it for any range of days, or for all. Rows that come out
    as they were are not touched, nor is the time of their last change. After a change of settings everything is built.

    \b
    Examples:
      contactlake build
      contactlake build --from 2025-03-01 --to 2025-03-31
      contactlake build --renumber
    """
    from contactlake.cli import render
    from contactlake.cli.progress import Progress

    with Progress() as progress:
        derived = _open(folder).build(first, last, renumber=renumber, watcher=progress)
    if format_ == "json":
        render.document(dataclasses.asdict(derived))
    elif not derived.tables:
        click.echo("Nothing differs from what is stored.")
    else:
        cells = [[name, t["rows_added"], t["rows_removed"]] for name, t in derived.tables.items()]
        render.table(["table", "rows added", "rows replaced"], cells)


@click.command()
@click.argument("table")
@click.argument("id_", metavar="ID")
@click.argument("column", required=False)
@click.option("--at", metavar="INSTANT", help="ID is an agent (id, ARN or user name): explain the interval of INSTANT.")
@_lake
@_format
def explain(table: str, id_: str, column: str | None, at: str | None, folder: str | None, format_: str) -> None:
    """List the spans and raw events behind a statistics row, or one COLUMN of it.

    TABLE is agent_statistic_record or agent_queue_statistic_record, ID the row's id. The parts listed for a measure
    add up to exactly its value; every event is given with the landed file and the place in it.

    \b
    Examples:
      contactlake explain agent_statistic_record ID
      contactlake explain agent_statistic_record ID agent_idle_time
      contactlake explain agent_queue_statistic_record AGENT --at 2025-03-03T09:15:00Z
    """
    from contactlake.cli import render

    found = _open(folder).explain(table, id_, column, at=at)
    if format_ == "json":
        render.document(found[0] if at is None else found)
        return
    for one in found:
        click.echo(
            "  ".join(f"{name}={render.plain(value)}" for name, value in one["row"].items() if value is not None)
        )
        for cell in one["cells"]:
            equal = "=" if cell["adds_up"] else "DOES NOT EQUAL"
            click.echo(f"\n{cell['column']} {cell['value']:,} {equal} the sum of {len(cell['parts'])} parts")
            render.table(["from", "to", "amount", "because of", "events"], [_part(p) for p in cell["parts"]])
        rows = [[e["event_id"], render.plain(e["event_timestamp"]), e["event_type"], _place(e)] for e in one["events"]]
        render.table(["event", "time", "type", "landed file: offset, length"], rows)


@click.command()
@click.argument("agent")
@click.argument("day")
@click.option("--out", metavar="FILE", help="Also draw it: FILE ends in .png, .svg or .html.")
@_lake
@_format
def timeline(agent: str, day: str, out: str | None, folder: str | None, format_: str) -> None:
    """Print an agent's day: statuses and contacts, from when to when.

    AGENT is an id, an ARN or a user name, DAY is YYYY-MM-DD in UTC. A picture needs: pip install 'contactlake[charts]'
    """
    from contactlake.cli import render

    spans = _open(folder).timeline(agent, day, out)
    if format_ == "json":
        render.document(spans)
        return
    names = ["from", "to", "what", "state", "class", "contact_id"]
    marks = ("repaired", "cut_by_silence")
    rows = [[*(render.plain(s[n]) for n in names), " ".join(m for m in marks if s[m])] for s in spans]
    render.table([*names, "marks"], rows)
    if out:
        click.echo(f"drawn in {out}")


@click.command()
@_lake
@_format
def check(folder: str | None, format_: str) -> None:
    """Verify over the whole lake what must always be true of the statistics.

    Also lists silences and repairs by agent and day: where agents sent no events, or events were lost on the way; and
    orphans: rows that name a contact, agent, queue … that no table knows. These are facts, not errors.
    Exits with code 1 where a rule is broken.
    """
    from contactlake.cli import render

    facts = _open(folder).check()
    if format_ == "json":
        render.document(facts)
    else:
        render.table(["rule", "violations"], [[r["rule"], r["violations"]] for r in facts["rules"]])
        for broken in facts["violations"][:20]:
            click.echo(f"broken: {render.plain(broken)}")
        if facts["evidence"]:
            names = list(facts["evidence"][0])
            render.table(names, [[render.plain(e[n]) for n in names] for e in facts["evidence"]])
        if unknown := [o for o in facts["orphans"] if o["orphans"]]:
            names = ["relation", "rows", "orphans", "values", "examples"]
            render.table(names, [[*(o[n] for n in names[:-1]), ", ".join(o["examples"])] for o in unknown])
    if facts["violations"]:
        raise ContactlakeError(f"{len(facts['violations'])} violations. Derive again with: contactlake build")


def _part(part: dict[str, Any]) -> list[Any]:
    from contactlake.cli import render

    spans = [*([part["status"]] if "status" in part else []), *part.get("contacts", [])]
    words = [s["name"] or "?" if "name" in s else f"{s['contact_id']} {s['state']}" for s in spans]
    events = dict.fromkeys(id_ for s in spans for id_ in (s["opened_by"], s["closed_by"]))
    return [render.plain(part["from"]), render.plain(part["to"]), part["amount"], "; ".join(words), " ".join(events)]


def _place(event: dict[str, Any]) -> str:
    return f"{event['object'][:16]}…: {event['offset']}, {event['length']}" if event.get("object") else ""


def _open(folder: str | None) -> Lake:
    from contactlake.lake import open as open_lake

    return open_lake(folder, create=False)


COMMANDS = (build, explain, timeline, check)
"""What the command line takes from here."""
