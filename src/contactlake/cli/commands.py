"""The commands. Each only parses and hands over to the lake."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contactlake.cli import search, statistics
from contactlake.cli.fetch import fetch
from contactlake.cli.simulate import simulate
from contactlake.cli.upkeep import maintain
from contactlake.errors import ContactlakeError, StrictError

if TYPE_CHECKING:
    from contactlake.lake import Lake
    from contactlake.model.account import Account, Summary

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
_Command = TypeVar("_Command", bound=Callable[..., Any])
_lake = click.option(
    "--lake", "folder", metavar="DIR", help="The lake's folder [default: $CONTACTLAKE_LAKE, else ./lake]."
)


def _format(*more: str) -> Callable[[_Command], _Command]:
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["table", "json", *more]),
        default="table",
        help="How to print the answer.",
    )


@contextlib.contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Remembers Ctrl-C: libraries that notice it inside a query raise errors of their own instead of an interrupt."""
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield seen  # somebody else has a say in it
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


class _Group(click.Group):
    def invoke(self, context: click.Context) -> Any:
        """Errors of ours become one sentence and their exit code; whatever Ctrl-C raises becomes one, too."""
        try:
            with _interruptible() as interrupted:
                return super().invoke(context)
        except (Exception, KeyboardInterrupt) as error:
            if interrupted or isinstance(error, KeyboardInterrupt):
                click.echo("contactlake: stopped. Nothing is lost; run the same command again to go on.", err=True)
                context.exit(1)
            return self._explain(context, error)

    @staticmethod
    def _explain(context: click.Context, error: Exception) -> None:
        """Say what went wrong, in a sentence, and leave with its exit code."""
        match error:
            case click.exceptions.Exit() | click.ClickException() | click.Abort():
                raise error
            case ContactlakeError():
                click.echo(f"contactlake: {error}", err=True)
                context.exit(error.exit_code)
            case BrokenPipeError():
                sys.stderr.close()
                context.exit(0)
            case OSError():
                click.echo(f"contactlake: {error.filename or 'input or output'}: {error.strerror or error}", err=True)
                context.exit(1)
        if os.environ.get("CONTACTLAKE_DEBUG"):
            raise error
        click.echo(f"contactlake: a fault of contactlake's own: {type(error).__name__}: {error}", err=True)
        click.echo("Nothing that was landed is lost. CONTACTLAKE_DEBUG=1 shows where; please report it.", err=True)
        context.exit(1)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Name the nearest command for one that is not there."""
        found = super().get_command(context, name)
        if found is None:
            import difflib

            near = difflib.get_close_matches(name, self.list_commands(context), 1)
            if near:
                context.fail(f"There is no command {name!r}. Did you mean {near[0]!r}?")
        return found


@click.group(cls=_Group, context_settings=_CONTEXT)
@click.version_option(package_name="contactlake", prog_name="contactlake")
def main() -> None:
    """The contact-centre data lake that its user owns.

    Raw Amazon Connect streams become exact, documented tables in an open format (Apache Iceberg), on your own disk.

    \b
      contactlake ingest streams/        land and type everything in a folder
      contactlake query "SELECT …"       ask in SQL
      contactlake describe agent_event   what a table's columns mean
      contactlake status                 what the lake holds
      contactlake quarantine list        what could not be typed, and why

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 query refused or wrong, 4 --strict and records in quarantine.
    """


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_lake
@click.option(
    "--in-place", is_flag=True, help="Register the files where they are instead of copying them into the lake."
)
@click.option(
    "--strict", is_flag=True, help="Exit with code 4 when records went to quarantine (all others are stored)."
)
@_format()
def ingest(sources: tuple[str, ...], folder: str | None, in_place: bool, strict: bool, format_: str) -> None:
    """Land raw streams and turn them into tables.

    SOURCE is a file, a folder, a glob pattern or - for standard input. What a file holds is told from its content:
    newline-delimited, concatenated, array or pretty-printed JSON, plain, gzip or zstd, also wrapped in Lambda events
    or event-bus envelopes; streams may be mixed. Ingesting the same bytes again changes nothing.
    """
    from contactlake.cli.progress import Progress

    lake = _open(folder)
    with Progress() as progress:
        summary = lake.ingest(*sources, in_place=in_place, watcher=progress)
    if format_ == "json":
        _document(dataclasses.asdict(summary))
    else:
        _show_summary(summary, progress.seconds)
    _judge(summary, strict)


@main.command("import")
@click.argument("table")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_lake
@click.option("--strict", is_flag=True, help="Exit with code 4 when rows went to quarantine (all others are stored).")
@_format()
def import_(table: str, files: tuple[str, ...], folder: str | None, strict: bool, format_: str) -> None:
    """Take exports of a documented table in.

    TABLE is one of the vendor's tables (see: contactlake describe), FILE an export of it: CSV with a header, Parquet or
    JSON objects, also in gzip or zstd; or a folder, a glob pattern or - for standard input. Columns are told by their
    names, in any order, in capitals or not. Missing ones are null. Of rows with the same key the one that was processed
    last stands. A row that does not fit goes to quarantine and leaves its neighbours alone.

    \b
      contactlake query "SELECT * FROM staff_shifts" --format csv > shifts.csv
      contactlake import staff_shifts shifts.csv --lake elsewhere
    """
    from contactlake.cli.progress import Progress

    lake = _open(folder)
    with Progress() as progress:
        summary = lake.import_(table, *files, watcher=progress)
    if format_ == "json":
        _document(dataclasses.asdict(summary))
    else:
        _show_summary(summary, progress.seconds)
    _judge(summary, strict)


@main.command()
@click.argument("sql")
@_lake
@_format("csv", "parquet")
def query(sql: str, folder: str | None, format_: str) -> None:
    """Answer a SQL query over the lake's tables.

    Every table is there as agent_event and as connect_datalake.agent_event; column names are case-insensitive. Only
    queries are answered: nothing in the lake can be changed this way, and no other file is in reach.
    """
    from contactlake.cli import render

    result = _open(folder, create=False).query(sql)
    writers = {
        "table": render.write_table,
        "json": render.write_json,
        "csv": render.write_csv,
        "parquet": render.write_parquet,
    }
    writers[format_](result.batches(), result.schema)


@main.command()
@click.argument("table", required=False)
@_lake
@_format()
def describe(table: str | None, folder: str | None, format_: str) -> None:
    """Say what a table's columns mean; without TABLE, which tables there are."""
    from contactlake.cli import render

    found = _open(folder).describe(table)
    if format_ == "json":
        described = [_described(t) for t in found]
        render.document(described[0] if table else described)
    elif table is None:
        render.table(["table", "what it holds"], [[t.name, t.doc] for t in found])
    else:
        (one,) = found
        click.echo(f"{one.name}: {one.doc}")
        partition = f"days of {one.partition_by}" if one.partition_by else "none"
        click.echo(f"primary key: {', '.join(one.primary_key)}; partition: {partition}\n")
        cells = [[c.name, str(c.type), "" if c.nullable else "not null", c.doc] for c in one.columns]
        render.table(["column", "type", "", "meaning"], cells)


@main.command()
@_lake
@_format()
def status(folder: str | None, format_: str) -> None:
    """Say what the lake holds: counts, tables, quarantine, fields that the vendor added."""
    from contactlake.cli import render

    facts = _open(folder, create=False).status()
    if format_ == "json":
        render.document(facts)
        return
    click.echo(f"lake {facts['lake']}: {facts['objects']:,} landed files, {facts['bytes']:,} bytes as delivered")
    click.echo(_sum_line(facts))
    if facts["waiting"]:
        click.echo(f"{facts['waiting']} landed files wait to be built: the next ingest does it")
    held = [t for t in facts["tables"] if t["rows"]]
    names = ["name", "rows", "files", "bytes", "days", "first_day", "last_day"]
    render.table(names, [[t[n] for n in names] for t in held])
    if facts["quarantine"]:
        render.table(["in quarantine: reason", "records"], [[q["reason"], q["records"]] for q in facts["quarantine"]])
    for field in facts["unknown_fields"]:
        click.echo(
            f"the vendor added {field['field']} to {field['stream']}: seen in {field['records']:,} records "
            f"since {field['since']} (kept in the raw record)"
        )


@main.group()
def quarantine() -> None:
    """Look at records that could not be typed, take them out, or try them again."""


@quarantine.command("list")
@_lake
@click.option("--reason", help="Only records with this reason code.")
@click.option("--limit", type=int, default=None, help="At most so many.")
@_format("csv")
def quarantine_list(folder: str | None, reason: str | None, limit: int | None, format_: str) -> None:
    """List quarantined records: why, and where they were."""
    from contactlake.cli import render

    result = _open(folder, create=False).quarantine().list(reason, limit)
    writers = {"table": render.write_table, "json": render.write_json, "csv": render.write_csv}
    writers[format_](result.batches(), result.schema)


@quarantine.command("show")
@click.argument("id_", metavar="ID")
@_lake
@_format("raw")
def quarantine_show(id_: str, folder: str | None, format_: str) -> None:
    """Show one quarantined record with its bytes (--format raw: the exact bytes and nothing else)."""
    from contactlake.cli import render

    view = _open(folder, create=False).quarantine()
    if format_ == "raw":
        for chunk in view.raw(id_):
            sys.stdout.buffer.write(chunk)
        return
    facts = view.show(id_)
    raw = b"".join(view.raw(id_))
    if format_ == "json":
        render.document({**facts, **render.encoded(raw)})
        return
    for name, value in facts.items():
        click.echo(f"{name:10} {render.plain(value)}")
    click.echo(f"{'bytes':10} {render.plain(raw[:2000])}{' …' if len(raw) > 2000 else ''}")


@quarantine.command("export")
@_lake
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@click.option("--reason", help="Only records with this reason code.")
@_format()
def quarantine_export(folder: str | None, target: Path, reason: str | None, format_: str) -> None:
    """Write each record's exact bytes to a file of its own, and an index."""
    count = _open(folder, create=False).quarantine().export(target, reason)
    if format_ == "json":
        _document({"exported": count, "folder": str(target)})
    else:
        click.echo(f"{count:,} records in {target}; index.jsonl says what each is.")


@quarantine.command("retry")
@_lake
@click.option("--reason", help="Only records with this reason code.")
@_format()
def quarantine_retry(folder: str | None, reason: str | None, format_: str) -> None:
    """Decode quarantined records again, for example after an upgrade; what now fits leaves quarantine."""
    from contactlake.cli.progress import Progress

    with Progress() as progress:
        summary = _open(folder, create=False).retry_quarantine(reason, progress)
    if format_ == "json":
        _document(dataclasses.asdict(summary))
    else:
        click.echo(
            f"{summary.records:,} tried = {summary.stored:,} stored + {summary.duplicates:,} duplicates "
            f"+ {summary.quarantined:,} still in quarantine"
        )


main.add_command(fetch)
main.add_command(simulate)
main.add_command(maintain)
for _command in (*statistics.COMMANDS, *search.COMMANDS):
    main.add_command(_command)


def _open(folder: str | None, create: bool = True) -> Lake:
    from contactlake.lake import open as open_lake

    return open_lake(folder, create=create)


def _document(value: Any) -> None:
    from contactlake.cli import render

    render.document(value)


def _described(table: Any) -> dict[str, Any]:
    facts = ("nullable", "doc", "unit", "sensitive", "values")
    return {
        "name": table.name,
        "doc": table.doc,
        "primary_key": list(table.primary_key),
        "partition_by": table.partition_by,
        "columns": [{"name": c.name, "type": str(c.type), **{f: getattr(c, f) for f in facts}} for c in table.columns],
    }


def _sum_line(facts: dict[str, Any]) -> str:
    return (
        f"{facts['records']:,} records = {facts['stored']:,} stored + {facts['duplicates']:,} duplicates "
        f"+ {facts['quarantined']:,} quarantined"
    )


def _show_summary(summary: Summary, seconds: float) -> None:
    from contactlake.cli import render

    counts = dataclasses.asdict(summary)
    rate = f", {summary.bytes / 1e6 / seconds:,.0f} MB/s" if summary.bytes > 10_000_000 else ""
    click.echo(f"{_sum_line(counts)}   ({len(summary.files):,} files, {summary.bytes:,} bytes{rate})")
    if summary.streams:
        render.table(["stream", "records", "stored", "duplicates", "quarantined"], _account_rows(summary.streams))
    if summary.tables:
        rows = [[name, t["rows_added"], t["rows_removed"]] for name, t in summary.tables.items()]
        render.table(["table", "rows added", "rows replaced"], rows)
    if summary.reasons:
        render.table(["quarantined because", "records"], sorted(summary.reasons.items()))
        click.echo("see: contactlake quarantine list")
    for skipped in summary.skipped[:10]:
        click.echo(f"skipped {skipped['file']}: {skipped['reason']}")
    if len(summary.skipped) > 10:
        click.echo(f"skipped {len(summary.skipped) - 10:,} more files (--format json lists them)")


def _account_rows(accounts: dict[str, Account]) -> list[list[Any]]:
    return [[name, a.records, a.stored, a.duplicates, a.quarantined] for name, a in accounts.items()]


def _judge(summary: Summary, strict: bool) -> None:
    if strict and summary.quarantined:
        raise StrictError(
            f"{summary.quarantined:,} records went to quarantine; all others are stored. "
            "See: contactlake quarantine list"
        )
