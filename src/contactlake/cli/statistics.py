"""The commands about statistics. Each only parses and hands over to the lake."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

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


def _open(folder: str | None) -> Lake:
    from contactlake.lake import open as open_lake

    return open_lake(folder, create=False)


COMMANDS = (build,)
"""What the command line takes from here."""
