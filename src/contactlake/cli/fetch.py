"""``contactlake fetch``: ask the vendor's API for what streams do not tell."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from contactlake.model.account import Summary


@click.command()
@click.option("--instance", required=True, metavar="ID", help="The Connect instance: its id or its ARN.")
@click.option("--region", metavar="REGION", help="AWS region [default: that of the ARN, else as AWS tools have it].")
@click.option(
    "--endpoint-url", metavar="URL", help="Ask there instead of at AWS, for example a proxy or a test server."
)
@click.option("--all", "everything", is_flag=True, help="Ask for everything again, also for what did not change.")
@click.option("--lake", "folder", metavar="DIR", help="The lake's folder [default: $CONTACTLAKE_LAKE, else ./lake].")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table",
              help="How to print the answer.")  # fmt: skip
def fetch(
    instance: str, region: str | None, endpoint_url: str | None, everything: bool, folder: str | None, format_: str
) -> None:
    """Ask the vendor's API for users, routing profiles and hierarchy groups.

    The streams show agents at work; the API also knows e-mail addresses, security profiles, descriptions, and who is
    there no more. What it says is landed and stored like any delivery, in the table directory_resource; users,
    routing_profiles and agent_hierarchy_groups follow from it and from the streams, whichever is newer. Asked is only
    for what changed since the last time. The API is only read.

    Needs boto3 (pip install 'contactlake[aws]') and credentials where the AWS command line finds them, too. They must
    be allowed: connect:ListUsers, DescribeUser, ListRoutingProfiles, DescribeRoutingProfile, ListUserHierarchyGroups,
    DescribeUserHierarchyGroup.

    \b
    Examples:
      contactlake fetch --instance 11111111-2222-3333-4444-555555555555 --region eu-west-2
      contactlake fetch --instance arn:aws:connect:eu-west-2:111122223333:instance/11111111-2222-3333-4444-555555555555
    """
    from contactlake.cli import render
    from contactlake.cli.progress import Progress
    from contactlake.lake import open as open_lake

    with Progress() as progress:
        summary = open_lake(folder).fetch(
            instance, region=region, endpoint_url=endpoint_url, everything=everything, watcher=progress
        )
    if format_ == "json":
        render.document(dataclasses.asdict(summary))
    else:
        _show(summary)


def _show(summary: Summary) -> None:
    from contactlake.cli import render

    click.echo(
        f"{summary.records:,} records = {summary.stored:,} stored + {summary.duplicates:,} duplicates "
        f"+ {summary.quarantined:,} quarantined"
    )
    rows = [[name, t["rows_added"], t["rows_removed"]] for name, t in summary.tables.items()]
    if rows:
        render.table(["table", "rows added", "rows replaced"], rows)
