"""Reads a simulation's documents with as little as possible, independently of product and simulator.

Owns a plain reading of the derivation rules for clean data: agent events to spans, by the book and slowly.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path


class Refused(ValueError):
    """A document that is not valid."""


def _object(pairs):
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise Refused("duplicate key")
    return keys


def _constant(name):
    raise Refused(name)


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def pieces(folder: Path) -> Iterator[tuple[bytes, object]]:
    """(exact bytes, document) of everything in a stream's folder; what does not parse is a Refused per line."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "surrogateescape")
        for line in text.split("\n"):
            at = 0
            while at < len(line):
                try:
                    document, end = DECODER.raw_decode(line, at)
                except ValueError as broken:
                    yield line[at:].encode("utf-8", "surrogateescape"), Refused(str(broken))
                    break
                yield line[at:end].encode("utf-8", "surrogateescape"), document
                at = end


def documents(folder: Path) -> Iterator[dict]:
    """Every document of a clean stream."""
    for raw, document in pieces(folder):
        assert isinstance(document, dict), raw[:200]
        yield document


def ms(text: str | None) -> int | None:
    """Milliseconds since 1970."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    assert instant.tzinfo is UTC or instant.utcoffset().total_seconds() == 0
    return int(instant.replace(microsecond=0).timestamp()) * 1000 + instant.microsecond // 1000


def last(arn: str | None) -> str | None:
    return arn and arn.rsplit("/", 1)[1]


def by_agent(events: Iterator[dict]) -> dict[str, list[dict]]:
    """Each agent's events in time order."""
    agents = defaultdict(list)
    for event in events:
        agents[last(event["AgentARN"])].append(event)
    for mine in agents.values():
        mine.sort(key=lambda e: e["EventTimestamp"])
    return agents


def clamp(value: int | None, low: int, high: int) -> int:
    return high if value is None else max(low, min(high, value))


@dataclass(frozen=True)
class Configured:
    """What a piece of the status timeline has one value of."""

    arn: str
    name: str
    type: str
    profile: str
    levels: tuple


def _configuration(event: dict) -> tuple:
    configuration = event["CurrentAgentSnapshot"]["Configuration"]
    groups = configuration.get("AgentHierarchyGroups") or {}
    levels = tuple(last((groups.get(f"Level{n}") or {}).get("ARN")) for n in range(1, 6))
    return last(configuration["RoutingProfile"]["ARN"]), levels


def status_pieces(events: list[dict]) -> list[tuple[int, int, Configured]]:
    """Status timeline, split where configuration changes; equal neighbours joined."""
    points = []  # (time, status, forced offline, configuration)
    status, forced, configuration = None, False, None
    before = None
    for event in events:
        at, now = ms(event["EventTimestamp"]), event["CurrentAgentSnapshot"]["AgentStatus"]
        changed = status is None or (now["ARN"], now["StartTimestamp"]) != (status["ARN"], status["StartTimestamp"])
        change = at if before is None else clamp(ms(now["StartTimestamp"]), before, at)
        if changed or event["EventType"] == "LOGIN":
            forced = False
        forced = forced or event["EventType"] == "LOGOUT"
        status = now
        points.append((change if changed else at, status, forced, configuration or _configuration(event)))
        configuration = _configuration(event)
        points.append((at, status, forced, configuration))
        before = at
    made = []
    for (start, status, forced, (profile, levels)), (end, *_) in pairwise([*points, (before, None, None, None)]):
        what = Configured(status["ARN"], status["Name"], "OFFLINE" if forced else status["Type"], profile, levels)
        if end > start:
            made.append((start, end, what))
    return joined(made)


def joined(rows: list[tuple[int, int, Configured]]) -> list[tuple[int, int, Configured]]:
    """Neighbours that touch and do not differ become one."""
    out = []
    for start, end, what in rows:
        if out and out[-1][1] == start and out[-1][2] == what:
            out[-1] = (out[-1][0], end, what)
        else:
            out.append((start, end, what))
    return out


def contact_spans(events: list[dict]) -> list[tuple]:
    """(contact, appearance, start, end, state, queue, queue type, channel, method, connected) of one agent."""
    spans, open_, appearance, before = [], {}, defaultdict(int), None
    for event in events:
        at = ms(event["EventTimestamp"])
        shown = {c["ContactId"]: c for c in event["CurrentAgentSnapshot"]["Contacts"]}
        assert len(shown) == len(event["CurrentAgentSnapshot"]["Contacts"])
        for id in [i for i in open_ if i not in shown]:
            spans.append((*open_.pop(id), at))
        for id, contact in shown.items():
            change = at if before is None else clamp(ms(contact["StateStartTimestamp"]), before, at)
            if id not in open_:
                appearance[id] += 1
            elif open_[id][3:5] != (contact["State"], contact["StateStartTimestamp"]):
                spans.append((*open_.pop(id), change))
            if id not in open_:
                open_[id] = (id, appearance[id], change, contact["State"], contact["StateStartTimestamp"], contact)
        before = at
    spans += [(*row, before) for row in open_.values()]
    return [_span(*row) for row in spans if row[-1] > row[2]]


def _span(id, appearance, start, state, _, contact, end) -> tuple:
    arn = (contact["Queue"] or {}).get("ARN")
    kind = None if arn is None else "AGENT" if "/queue/agent/" in arn else "STANDARD"
    channel = contact["Channel"].replace("TASKS", "TASK")
    connected = state == "CONNECTED" or (
        state in ("CONNECTED_ONHOLD", "PAUSED", "ENDED") and contact.get("ConnectedToAgentTimestamp") is not None
    )
    return id, appearance, start, end, state, last(arn), kind, channel, contact["InitiationMethod"], connected
