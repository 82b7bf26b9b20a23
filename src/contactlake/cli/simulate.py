"""``contactlake simulate``: write the streams of a contact centre whose truth is known."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from contactlake.testing import SimulationSummary


@click.command()
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder to write into, new or empty.")
@click.option("--agents", default=60, show_default=True, type=click.IntRange(1), help="Agents in all.")
@click.option("--days", default=1, show_default=True, type=click.IntRange(1), help="Days on which shifts begin.")
@click.option("--seed", default=1, show_default=True, type=int, help="Same seed and options, same bytes.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day.  [default: 2025-03-03]")
@click.option("--profile", default="clean", show_default=True, type=click.Choice(["clean", "messy"]),
              help="messy: duplicates, disorder, late, lost, updated, malformed documents, old versions.")  # fmt: skip
@click.option("--truth", is_flag=True, help="Also write truth/: what really happened, as Parquet.")
@click.option("--instances", type=click.IntRange(1), help="Contact centres.  [default: by the number of agents]")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1), help="Centres simulated at a time.")
@click.option("--format", "form", default="table", show_default=True, type=click.Choice(["table", "json"]),
              help="How to print the summary.")  # fmt: skip
def simulate(
    out: str, agents: int, days: int, seed: int, start: datetime | None, profile: str, truth: bool,
    instances: int | None, processes: int, form: str,
) -> None:  # fmt: skip
    """Simulate contact centres and write their raw streams as the vendor would deliver them.

    Writes the folders agent-events, contact-records, analysis, flow-logs and evaluations below --out. The documents
    fit together: one contact has the same times everywhere. From 5 agents for a day to 10,000 for a month.

    \b
    Examples:
      contactlake simulate --out raw --agents 60 --days 1 --seed 7
      contactlake simulate --out raw --agents 2000 --days 30 --seed 7 --processes 4
      contactlake simulate --out raw --agents 20 --days 2 --seed 7 --profile messy --truth
    """
    from contactlake.testing import simulate as run
    from contactlake.testing.simulator.run import START

    try:
        import simpy  # noqa: F401
    except ModuleNotFoundError as missing:
        if missing.name != "simpy":
            raise
        raise click.ClickException("the simulator needs SimPy: pip install 'contactlake[simulator]'") from missing

    def progress(done: int, total: int) -> None:
        click.echo(f"centre {done} of {total} done", err=True)

    try:
        summary = run(
            out, agents=agents, days=days, seed=seed, start=start.date() if start else START,
            profile="messy" if profile == "messy" else "clean", truth=truth, instances=instances, processes=processes,
            on_centre=progress,
        )  # fmt: skip
    except FileExistsError as exists:
        raise click.ClickException(str(exists)) from exists
    click.echo(json.dumps(summary.to_dict(), indent=2) if form == "json" else _table(summary))


def _table(summary: SimulationSummary) -> str:
    """The summary for people."""
    rows = [f"{'stream':<18}{'documents':>12}{'MB':>10}"]
    for name, count in summary.documents.items():
        rows.append(f"{name:<18}{count:>12,}{summary.bytes[name] / 1e6:>10,.1f}")
    rows.append("")
    for name, value in summary.kpis.items():
        rows.append(f"{name.replace('_', ' '):<34}{'-' if value is None else value:>10}")
    for name, counts in summary.mess.items():
        made = ", ".join(f"{kind} {count}" for kind, count in counts.items() if isinstance(count, int))
        rows.append(f"{name}: {made}")
    return "\n".join(rows)
