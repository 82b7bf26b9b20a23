"""The command that keeps a lake in good order. It only parses and hands over to the lake."""

from __future__ import annotations

import dataclasses

import click


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--lake", "folder", metavar="DIR", help="The lake's folder [default: $CONTACTLAKE_LAKE, else ./lake].")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How to print the answer."
)
def maintain(dry_run: bool, folder: str | None, format_: str) -> None:
    """Remove what is no longer needed: old snapshots, replaced files, days past retention.

    Every change of a table leaves the snapshot before it readable, for other engines' time travel. Snapshots replaced
    more than snapshot_days ago (contactlake.toml, 7) are expired and their files removed. Where retention_days is set,
    whole days older than that leave the tables. Landed raw files are always kept.

    \b
    Examples:
      contactlake maintain --dry-run
      contactlake maintain
    """
    from contactlake.cli import render
    from contactlake.cli.progress import Progress
    from contactlake.lake import open as open_lake

    with Progress() as progress:
        done = open_lake(folder, create=False).maintain(dry=dry_run, watcher=progress)
    if format_ == "json":
        render.document([dataclasses.asdict(each) for each in done])
    elif not done:
        click.echo("There is nothing to remove.")
    else:
        names = ["table", "rows", "days", "snapshots", "files", "bytes"]
        render.table(names, [[getattr(each, name) for name in names] for each in done])
        click.echo("This would be removed." if dry_run else "Removed.")
