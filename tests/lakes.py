"""Lakes for tests: simulated events cut into pieces, and what a lake holds in a form that can be compared."""

from __future__ import annotations

import json
import random
from pathlib import Path

import contactlake
from contactlake.testing import simulate
from tests.simulated import documents

CUSTOM = [f"custom_state_time_{n:02}" for n in range(1, 51)]
STATISTICS = ("agent_statistic_record", "agent_queue_statistic_record")
SPANS = ("agent_status_span", "agent_contact_span")
START = 1_700_000_000_000_000


class Clock:
    """Moves on with every reading."""

    def __init__(self):
        self.now = START

    def __call__(self):
        self.now += 1_000_000
        return self.now


def centre(folder: Path, seed: int, agents: int = 5, days: int = 2, profile: str = "clean") -> Path:
    """A simulated centre with its truth."""
    simulate(str(folder), agents=agents, days=days, seed=seed, profile=profile, truth=True)
    return folder


def events_of(folder: Path) -> list[dict]:
    return list(documents(folder / "agent-events"))


def write(path: Path, events: list[dict]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(e) + "\n" for e in events), encoding="utf-8")
    return path


def pieces(events: list[dict], count: int, seed: int) -> list[list[dict]]:
    """Events cut into pieces at random, neither in order nor evenly."""
    chance = random.Random(seed)
    cut: list[list[dict]] = [[] for _ in range(count)]
    for event in events:
        cut[chance.randrange(count)].append(event)
    return [piece for piece in cut if piece]


def rows(lake: contactlake.Lake, table: str) -> list[dict]:
    """All rows of a table; ``at`` is when they last changed."""
    found = lake.query(f"SELECT * FROM {table}").rows()
    for row in found:
        for name in list(row):
            if name.lower() == "data_lake_last_processed_timestamp":
                row["at"] = row.pop(name)
    return found


def comparable(lake: contactlake.Lake, table: str) -> list[dict]:
    """Rows without the time of their last change, custom statuses by name, in an order of their own."""
    numbers = {(r["instance_id"], r["number"]): r["status_id"] for r in lake.query("SELECT * FROM agent_status").rows()}
    found = []
    for row in rows(lake, table):
        row.pop("at", None)
        if CUSTOM[0] in row:
            times = {n: row.pop(c) for n, c in enumerate(CUSTOM, 1)}
            row["custom"] = sorted((numbers[row["instance_id"], n], t) for n, t in times.items() if t)
        found.append({k: str(v) for k, v in row.items()})
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def files(lake: contactlake.Lake) -> dict[str, int]:
    """The lake's data files and when they were written."""
    return {str(p): p.stat().st_mtime_ns for p in (lake.folder / "warehouse").rglob("*") if p.is_file()}
