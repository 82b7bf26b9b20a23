"""The commands that find contacts and follow them. Each only parses and hands over to the lake."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import click

from contactlake.errors import UsageError

if TYPE_CHECKING:
    from contactlake.lake import Lake

_SAY_SECONDS = 1.0
_lake = click.option(
    "--lake", "folder", metavar="DIR", help="The lake's folder [default: $CONTACTLAKE_LAKE, else ./lake]."
)
_zone = click.option(
    "--time-zone", default="UTC", metavar="ZONE", help="Read and give times in it, for example Europe/London."
)


def _several(flag: str, name: str, metavar: str, text: str) -> Callable[..., Any]:
    return click.option(flag, name, multiple=True, metavar=metavar, help=text)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--ids-from", type=click.File(encoding="utf-8"), metavar="FILE", help="More ids, one a line; - is standard input."
)
@click.option("--from", "start", metavar="TIME", help="Begun at or after: 2025-03-01 or 2025-03-01T09:15:00Z.")
@click.option("--to", "end", metavar="TIME", help="Begun before; a day is included whole.")
@click.option(
    "--by",
    type=click.Choice(["initiation", "disconnect"]),
    help="Which time --from and --to are of [default: initiation].",
)
@_several("--queue", "queues", "QUEUE", "Id, ARN or name of the queue.")
@_several("--agent", "agents", "AGENT", "Id, ARN or user name of the agent.")
@_several("--channel", "channels", "NAME", "VOICE, CHAT, TASK or EMAIL.")
@_several("--phone", "phones", "NUMBER", "Number of the customer, of the centre, or of whom the contact was passed to.")
@_several(
    "--attribute", "attributes", "NAME=VALUE", "An attribute of the contact; NAME alone: it has one. All must hold."
)
@_several("--category", "categories", "NAME", "Category that the analysis found.")
@_several("--word", "words", "TEXT", "Word or phrase in the transcript, in capitals or not. All must occur.")
@click.option(
    "--sentiment",
    "sentiments",
    multiple=True,
    type=click.Choice(["positive", "neutral", "negative"]),
    help="Mood of the customer over all: above, at or below 0.",
)
@click.option("--min-sentiment", type=click.FloatRange(-5, 5), help="Mood of the customer over all: at least, -5 to 5.")
@click.option("--max-sentiment", type=click.FloatRange(-5, 5), help="Mood of the customer over all: at most.")
@click.option("--min-duration", metavar="TIME", help="From beginning to end at least: 90s, 5m, 1h.")
@click.option("--max-duration", metavar="TIME", help="From beginning to end at most.")
@_several("--disconnect-reason", "disconnect_reasons", "NAME", "Why the contact ended, as CUSTOMER_DISCONNECT.")
@_several("--method", "methods", "NAME", "How the contact came about, as INBOUND or TRANSFER.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@click.option("--all", "all_", is_flag=True, help="All that fit, not only --limit.")
@click.option("--after", metavar="PLACE", help="The next page: the word that the page before ended with.")
@click.option("--oldest-first", is_flag=True, help="Else the newest come first.")
@click.option(
    "--columns", metavar="NAMES", help="Columns of contact_record to give, with commas between; all: every one."
)
@_zone
@_lake
@click.option(
    "--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", help="How to print the answer."
)
def search(
    folder: str | None, format_: str, ids: tuple[str, ...], ids_from: IO[str] | None, limit: int, all_: bool,
    columns: str | None, attributes: tuple[str, ...], **given: Any,
) -> None:  # fmt: skip
    """Find contacts.

    By id, or by anything that is known of them; what is given several times means any of the values (but all
    attributes and words must fit). The contacts are listed by the time they began. Where there are more than fit on the
    page, the answer ends with a word that --after takes. A long search gives what it finds as it goes.

    \b
    Examples:
      contactlake search 5f1c3f9a-8c1b-4f0e-9d5e-0a1b2c3d4e5f
      contactlake search --from 2025-03-01 --to 2025-03-31 --queue Billing --agent jane --phone +442071838750
      contactlake search --from 2025-03-03 --to 2025-03-03 --word "cancel my account" --sentiment negative
      contactlake search --attribute product=loan --min-duration 10m --all --format csv
    """
    wanted = {name: value for name, value in given.items() if value not in (None, ())}
    if attributes:
        wanted["attributes"] = [(n, v if equals else None) for n, equals, v in (a.partition("=") for a in attributes)]
    if ids_from is not None:
        ids += tuple(line.strip() for line in ids_from if line.strip())
        if not ids:
            raise UsageError("There are no ids to look for.")
    named = [name.strip() for name in columns.split(",")] if columns else []
    found = _open(folder).search(
        *ids, limit=None if all_ else limit, columns=named, told=_Said() if sys.stderr else None, **wanted
    )
    writers = {"table": _table, "json": _json, "csv": _csv}
    writers[format_](found.columns, map(_plain, found))
    if format_ == "json":
        sys.stdout.write(f'],\n"next": {json.dumps(found.next)}}}\n')
    elif found.next:
        click.echo(f"There are more: --after {found.next}", err=True)


@click.command()
@click.argument("contact_id", metavar="ID")
@click.option("--out", metavar="FILE", help="Also draw it: FILE ends in .png, .svg or .html.")
@_zone
@_lake
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How to print the answer."
)
def contact(contact_id: str, out: str | None, time_zone: str, folder: str | None, format_: str) -> None:
    """Follow a contact: what happened, step by step, also in the contacts before and after it.

    Flows, queues, agents, holds, transfers, after-contact work, analysis and evaluation, in one order; with the
    contacts that it continues, that continue it, or that it has to do with. A picture needs:
    pip install 'contactlake[charts]'

    \b
    Examples:
      contactlake contact 5f1c3f9a-8c1b-4f0e-9d5e-0a1b2c3d4e5f
      contactlake contact 5f1c3f9a-8c1b-4f0e-9d5e-0a1b2c3d4e5f --time-zone Europe/London --out contact.svg
    """
    from contactlake.cli import render

    found = _open(folder).contact(contact_id, out, time_zone=time_zone)
    contacts, steps = ([_plain(row) for row in found[name]] for name in ("contacts", "steps"))
    if format_ == "json":
        render.document(found | {"contacts": contacts, "steps": steps})
        return
    names = ("contact_id", "initiation_timestamp", "channel", "initiation_method", "queue_name", "agent_username")
    render.table(
        ["", *names], [["→" if c["contact_id"] == contact_id else "", *(c[n] for n in names)] for c in contacts]
    )
    if found["more"]:
        click.echo("There are more contacts; follow them from the last ones.", err=True)
    lanes = {c["contact_id"]: c["contact_id"][:8] for c in contacts}
    columns = ("start_time", "end_time", "what", "who", "detail")
    render.table(
        ["contact", "from", "to", *columns[2:]], [[lanes[s["contact_id"]], *(s[n] for n in columns)] for s in steps]
    )
    if out:
        click.echo(f"drawn in {out}")


class _Said:
    """Says on standard error how a long search goes on, not too often."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, days: int, found: int) -> None:
        if time.monotonic() - self._last >= _SAY_SECONDS:
            self._last = time.monotonic()
            click.echo(f"searched {done:,} of {days:,} days, {found:,} contacts found", err=True)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    from contactlake.cli import render

    return {name: _local(value) if isinstance(value, datetime) else render.plain(value) for name, value in row.items()}


def _local(moment: datetime) -> str:
    """A time as UTC is written everywhere; in another zone with its offset."""
    if moment.tzinfo is UTC:
        moment = moment.replace(tzinfo=None)
        return moment.isoformat(timespec="milliseconds") + "Z"
    return moment.isoformat(timespec="milliseconds")


def _table(columns: Iterable[str], rows: Iterator[dict[str, Any]]) -> None:
    from contactlake.cli import render

    cells = [list(row.values()) for row in rows]
    if cells:
        render.table(columns, cells)
    else:
        click.echo("No contact fits.", err=True)


def _json(columns: Iterable[str], rows: Iterator[dict[str, Any]]) -> None:
    sys.stdout.write('{"contacts": [')
    for number, row in enumerate(rows):
        sys.stdout.write((",\n" if number else "\n") + json.dumps(row, ensure_ascii=False))


def _csv(columns: Iterable[str], rows: Iterator[dict[str, Any]]) -> None:
    from contactlake.cli import render

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([render.cell(value) for value in row.values()])


def _open(folder: str | None) -> Lake:
    from contactlake.lake import open as open_lake

    return open_lake(folder, create=False)


COMMANDS = (search, contact)
"""What the command line takes from here."""
