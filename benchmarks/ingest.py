"""How fast `ingest` is, in one run against a baseline: `python benchmarks/ingest.py [MB] [--large]`.

Baseline B is DuckDB alone: it reads the same newline-delimited file with the same explicit columns and writes zstd
Parquet; no landing, no validation, no quarantine, no dedupe, no commit. Printed are the ratio of rates (1.0: as fast
as B), peak memory of the whole process tree, how cost grows at 4 and (with --large) 16 times the input, and start-up.
These machines are shared: compare within a run only; times are the median of three, memory is that of a fourth run.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

REPEATS = 3
COMMAND = [str(Path(sys.executable).with_name("contactlake"))]
_INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/258252ea-967d-46f9-a510-b7f0bae69eea"
_REFERENCE = 'STRUCT(ARN VARCHAR, "Name" VARCHAR)'
_QUEUE = 'STRUCT(ARN VARCHAR, "Name" VARCHAR, Channels VARCHAR[])'
_LEVELS = ", ".join(f"Level{n} {_REFERENCE}" for n in range(1, 6))
_SNAPSHOT = f"""STRUCT(
  AgentStatus STRUCT(ARN VARCHAR, "Name" VARCHAR, StartTimestamp TIMESTAMP, "Type" VARCHAR),
  NextAgentStatus STRUCT(ARN VARCHAR, "Name" VARCHAR, EnqueuedTimestamp TIMESTAMP),
  Configuration STRUCT(Username VARCHAR, FirstName VARCHAR, LastName VARCHAR,
    RoutingProfile STRUCT(ARN VARCHAR, "Name" VARCHAR, InboundQueues {_QUEUE}[], DefaultOutboundQueue {_QUEUE},
      Concurrency STRUCT(Channel VARCHAR, AvailableSlots BIGINT, MaximumSlots BIGINT)[]),
    AgentHierarchyGroups STRUCT({_LEVELS}),
    Proficiencies STRUCT("Name" VARCHAR, "Value" VARCHAR, ProficiencyLevel DOUBLE)[]),
  Contacts STRUCT(ContactId VARCHAR, InitialContactId VARCHAR, Channel VARCHAR, InitiationMethod VARCHAR,
    State VARCHAR, StateStartTimestamp TIMESTAMP, ConnectedToAgentTimestamp TIMESTAMP, QueueTimestamp TIMESTAMP,
    Queue {_REFERENCE})[])"""
_COLUMNS = {
    "AWSAccountId": "VARCHAR",
    "AgentARN": "VARCHAR",
    "EventId": "VARCHAR",
    "EventTimestamp": "TIMESTAMP",
    "EventType": "VARCHAR",
    "InstanceARN": "VARCHAR",
    "Version": "VARCHAR",
    "CurrentAgentSnapshot": _SNAPSHOT,
    "PreviousAgentSnapshot": _SNAPSHOT,
}
_BASELINE = """
import duckdb, sys
columns = "{" + ", ".join(f"'{k}': '{v}'" for k, v in COLUMNS.items()) + "}"
duckdb.connect().execute(
    f"COPY (SELECT * FROM read_json('{sys.argv[1]}', format = 'newline_delimited', columns = {columns}))"
    f" TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
"""


class Agents:
    """Agent events of 500 agents: 60 % heartbeats (which change nothing), 40 % changes; optional keys come and go."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        queues = [{"ARN": self.arn("queue"), "Name": f"Queue {n}", "Channels": ["VOICE", "CHAT"]} for n in range(30)]
        profiles = [
            {
                "ARN": self.arn("routing-profile"),
                "Name": f"Profile {n}",
                "InboundQueues": self.random.sample(queues, self.random.randint(2, 9)),
                "DefaultOutboundQueue": queues[0],
            }
            for n in range(8)
        ]
        names = (("Available", "ROUTABLE"), ("Lunch", "CUSTOM"), ("Break", "CUSTOM"), ("Offline", "OFFLINE"))
        self.statuses = [{"ARN": self.arn("agent-state"), "Name": name, "Type": type_} for name, type_ in names]
        self.queues = queues
        self.agents = [self._agent(n, self.random.choice(profiles)) for n in range(500)]

    def arn(self, kind: str) -> str:
        return f"{_INSTANCE}/{kind}/{self.id()}"

    def id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def _agent(self, number: int, profile: dict[str, Any]) -> dict[str, Any]:
        group = {"ARN": self.arn("agent-group"), "Name": "Team"}
        groups = self.random.choice([None, {"Level1": group, "Level2": group, "Level3": None}])
        agent = {"ARN": self.arn("agent"), "profile": profile, "groups": groups, "name": f"agent{number}"}
        agent["snapshot"] = self._snapshot(agent, 0.0)
        return agent

    def _snapshot(self, agent: dict[str, Any], at: float) -> dict[str, Any]:
        contacts = [self._contact(at) for _ in range(self.random.choice([0, 0, 1, 1, 2]))]
        slots = [
            {"Channel": "VOICE", "AvailableSlots": int(not contacts), "MaximumSlots": 1},
            {"Channel": "CHAT", "AvailableSlots": 3 - len(contacts), "MaximumSlots": 3},
        ]
        configuration = {
            "Username": agent["name"],
            "FirstName": "Ann",
            "LastName": "Other",
            "RoutingProfile": agent["profile"] | {"Concurrency": slots},
            "AgentHierarchyGroups": agent["groups"],
        }
        if self.random.random() < 0.5:
            configuration["Proficiencies"] = [{"Name": "language", "Value": "en", "ProficiencyLevel": 3.0}]
        status = self.random.choice(self.statuses) | {"StartTimestamp": _time(at)}
        snapshot = {"AgentStatus": status, "Configuration": configuration, "Contacts": contacts}
        return snapshot | ({"NextAgentStatus": None} if self.random.random() < 0.5 else {})

    def _contact(self, at: float) -> dict[str, Any]:
        contact = {
            "ContactId": self.id(),
            "InitialContactId": None,
            "Channel": "VOICE",
            "InitiationMethod": "INBOUND",
            "State": self.random.choice(["CONNECTING", "CONNECTED", "ENDED"]),
            "StateStartTimestamp": _time(at),
            "ConnectedToAgentTimestamp": _time(at),
            "QueueTimestamp": _time(at - 60),
            "Queue": {"ARN": self.queues[1]["ARN"], "Name": self.queues[1]["Name"]},
        }
        for optional in ("InitialContactId", "QueueTimestamp"):
            if self.random.random() < 0.3:
                del contact[optional]
        return contact

    def events(self) -> Iterator[bytes]:
        """Lines without end, in the order of time."""
        number = 0
        while True:
            agent = self.agents[number % len(self.agents)]
            at = number * 0.1
            changes = self.random.random() < 0.4
            before = agent["snapshot"]
            if changes:
                agent["snapshot"] = self._snapshot(agent, at)
            event = {
                "AWSAccountId": "123456789012",
                "AgentARN": agent["ARN"],
                "CurrentAgentSnapshot": agent["snapshot"],
                "EventId": self.id(),
                "EventTimestamp": _time(at),
                "EventType": "STATE_CHANGE" if changes else "HEART_BEAT",
                "InstanceARN": _INSTANCE,
                "PreviousAgentSnapshot": before,
                "Version": "2019-05-25",
            }
            yield json.dumps(event, separators=(",", ":")).encode() + b"\n"
            number += 1


def _time(seconds: float) -> str:
    at = datetime(2026, 3, 2, 8) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds") + "Z"


def write(path: Path, megabytes: int) -> None:
    """A newline-delimited file of about that size."""
    size = 0
    with path.open("wb") as out:
        for line in Agents(1).events():
            out.write(line)
            size += len(line)
            if size >= megabytes * 1_000_000:
                break
        out.flush()
        os.fsync(out.fileno())  # else what is measured waits for the disk to take it


def seconds(command: list[str]) -> float:
    """How long a command takes, nobody watching: looking at its memory would slow it down."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def peak_of(command: list[str]) -> float:
    """Peak MB of a command: resident, shared pages counted once, the whole process tree, sampled."""
    process = psutil.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(p.memory_full_info().pss for p in family) / 1e6)
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return peak


def median(run: Callable[[], float]) -> float:
    """The median of three runs."""
    return statistics.median(run() for _ in range(REPEATS))


def compare(folder: Path, megabytes: int) -> float:
    """Print one size's figures; returns seconds per MB of ingest."""
    source, target, lake = folder / f"{megabytes}.ndjson", folder / "out.parquet", folder / "lake"
    write(source, megabytes)
    size = source.stat().st_size / 1e6
    script = _BASELINE.replace("COLUMNS", repr(_COLUMNS))

    baseline = [sys.executable, "-c", script, str(source), str(target)]
    ingest = [*COMMAND, "ingest", str(source), "--lake", str(lake), "--format", "json"]

    def anew(measure: Callable[[list[str]], float]) -> float:
        shutil.rmtree(lake, ignore_errors=True)
        return measure(ingest)

    base, ours = median(lambda: seconds(baseline)), median(lambda: anew(seconds))
    base_peak, peak = peak_of(baseline), anew(peak_of)
    print(
        f"{size:8,.0f} MB   B {size / base:6.0f} MB/s ({base_peak:5,.0f} MB peak)   "
        f"ingest {size / ours:6.0f} MB/s ({peak:5,.0f} MB peak)   ratio {base / ours:.2f}"
    )
    source.unlink()
    return ours / size


def start_up(lake: Path) -> None:
    """Print how long `--help` and a first query take, cold."""
    for name, arguments in (("--help", ["--help"]), ("query", ["query", "SELECT count(*) FROM agent_event", "--lake"])):
        command = [*COMMAND, *arguments] + ([str(lake)] if name == "query" else [])
        print(f"{name:8} {median(lambda command=command: seconds(command)):.2f} s")


def main() -> None:
    """Measure and print."""
    megabytes = next((int(a) for a in sys.argv[1:] if a.isdigit()), 1000)
    print(f"ingest of agent events, {os.cpu_count()} cores, median of {REPEATS}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unit = compare(folder, megabytes)
        start_up(folder / "lake")
        for factor in (4, 16) if "--large" in sys.argv else (4,):
            print(f"cost per MB at {factor}x: {compare(folder, megabytes * factor) / unit:.2f} times that at 1x")


if __name__ == "__main__":
    main()
