"""All of it: several centres, in one or several processes, with the same bytes either way."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from contactlake.testing.simulator.clock import day_number
from contactlake.testing.simulator.mess import REASONS
from contactlake.testing.simulator.outcome import Figures
from contactlake.testing.simulator.summary import SimulationSummary

START = date(2025, 3, 3)
"""The first day unless another is given: a Monday, six days before the clocks of the United States change."""
LARGEST = 500
"""Agents of one centre; more agents are more centres."""


@dataclass(frozen=True)
class _Job:
    """One centre to simulate."""

    root: str
    seed: int
    index: int
    agents: int
    start: int
    days: int
    messy: bool
    truth: bool


@dataclass(frozen=True)
class _Done:
    """What a centre has written."""

    tag: str
    documents: dict[str, int]
    bytes: dict[str, int]
    figures: Figures
    mess: dict[str, dict[str, Any]]


def _run_centre(job: _Job) -> _Done:
    """Simulate one centre."""
    from contactlake.testing.simulator.centre import Centre

    centre = Centre(Path(job.root), job.seed, job.index, job.agents, job.start, job.days, job.messy, job.truth)
    centre.run()
    streams = centre.documents.streams
    mess = {name: {**m.counts, "malformed_kinds": m.kinds} for name, m in centre.documents.mess.items()}
    documents = {n: s.documents for n, s in streams.items()}
    return _Done(centre.tag, documents, {n: s.bytes for n, s in streams.items()}, centre.outcome.figures, mess)


def _shares(agents: int, instances: int | None) -> list[int]:
    """How many agents each centre has."""
    count = instances or (1 if agents <= 100 else max(2, -(-agents // LARGEST)))
    count = min(count, agents)
    return [agents * (i + 1) // count - agents * i // count for i in range(count)]


def simulate(
    out: str | os.PathLike[str],
    *,
    agents: int = 60,
    days: int = 1,
    seed: int = 1,
    start: date = START,
    profile: Literal["clean", "messy"] = "clean",
    truth: bool = False,
    instances: int | None = None,
    processes: int = 1,
    on_centre: Callable[[int, int], None] | None = None,
) -> SimulationSummary:
    """Simulate contact centres and write their streams below ``out``; the same arguments write the same bytes.

    agents     in all; more than 100 are spread over several centres of at most 500 unless ``instances`` says how many
    days       shifts begin on so many days of each centre's wall clock, from ``start``; what they began is finished
    profile    ``messy``: duplicates, disorder, late and lost documents, updates, malformed records, old versions
    truth      also write ``truth/`` (what really happened) and, when messy, ``truth/mess.json`` (what went wrong)
    processes  centres simulated at a time; changes no byte
    on_centre  called with (centres done, centres in all)

    ``out`` must not hold an earlier simulation: ``FileExistsError``.
    """
    if agents < 1 or days < 1 or processes < 1 or (instances is not None and instances < 1):
        raise ValueError("agents, days, instances and processes must be 1 or more")
    if profile not in ("clean", "messy"):
        raise ValueError(f"profile {profile!r} is neither 'clean' nor 'messy'")
    import simpy  # noqa: F401  # missing: said before a folder is made

    root = Path(out)
    summary = SimulationSummary(agents, days, seed, start.isoformat(), profile, 0)
    made = [root / name for name in (*summary.documents, "truth") if (root / name).exists()]
    if made:
        raise FileExistsError(f"{made[0]} exists: choose an empty folder, or remove the earlier simulation")
    for name in summary.documents:
        (root / name).mkdir(parents=True)
    first, messy = day_number(start), profile == "messy"
    shares = _shares(agents, instances)
    summary.instances = len(shares)
    jobs = [_Job(str(root), seed, i, n, first, days, messy, truth) for i, n in enumerate(shares)]
    tags = []
    for done in _results(jobs, min(processes, len(jobs))):
        tags.append(done.tag)
        _add(summary, done)
        if on_centre is not None:
            on_centre(len(tags), len(jobs))
    if truth:
        from contactlake.testing.simulator.truth import join_parts

        join_parts(root / "truth", tags)
        if messy:
            text = json.dumps({"streams": summary.mess, "reasons": REASONS}, indent=2, sort_keys=True)
            (root / "truth" / "mess.json").write_text(text + "\n")
    return summary


def _results(jobs: list[_Job], processes: int) -> Any:
    """The centres' results, in their order."""
    if processes == 1:
        yield from map(_run_centre, jobs)
        return
    # A fresh interpreter per process: nothing of the caller's state can reach the simulation.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_run_centre, jobs)


def _add(summary: SimulationSummary, done: _Done) -> None:
    """Add one centre's counts to the summary."""
    for name, count in done.documents.items():
        summary.documents[name] += count
        summary.bytes[name] += done.bytes[name]
    summary.figures.add(done.figures)
    for name, counts in done.mess.items():
        into = summary.mess.setdefault(name, {"documents": 0, "malformed_kinds": {}})
        into["documents"] += done.documents[name]
        for kind, count in counts.items():
            if kind == "malformed_kinds":
                for k, n in count.items():
                    into["malformed_kinds"][k] = into["malformed_kinds"].get(k, 0) + n
            else:
                into[kind] = into.get(kind, 0) + count
