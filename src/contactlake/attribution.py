"""What a cell of the agent statistics is made of: spans in, parts out (the statistics rules, sections 5 and 6).

Works on the stored spans of one agent as plain dictionaries with times in milliseconds, and on nothing else. A part is
a stretch of time or a moment, with its amount and the spans behind it; the parts of a cell add up to its value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

Span = dict[str, Any]
CONFIGURATION = ("routing_profile_id", *(f"agent_hierarchy_level_{n}_id" for n in range(1, 6)))
QUEUE = ("queue_id", "queue_type", "channel")
_OURS = ("OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY")
_INCOMING = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER")


@dataclass(frozen=True)
class Part:
    """From ``start`` to ``end`` (a moment: both the same), how much it gives, and the spans behind it."""

    start: int
    end: int
    amount: int
    status: Span | None = None
    contacts: tuple[Span, ...] = ()


@dataclass
class State:
    """A state of an appearance: when it begins and ends (None: open at the agent's last event), and its spans."""

    starts: int
    ends: int | None
    spans: list[Span] = field(default_factory=list)

    @property
    def first(self) -> Span:
        """The span that shows it first."""
        return self.spans[0]


@dataclass
class Attempt:
    """An attempt: its states (of an immediate one: none), the span that shows it first, and what became of it."""

    states: list[State]
    face: Span
    starts: int
    ends: int | None
    outcome: str


@dataclass
class Agent:
    """An agent's spans, contacts in order; ``last_configuration`` tells that of a time which no status span covers."""

    statuses: list[Span]
    contacts: list[Span]
    last_configuration: Callable[[], tuple[Any, ...]]
    numbers: dict[str, int]
    contacts_handled: str
    idle_includes_ringing: bool

    def parts(self, row: Span, column: str) -> list[Part]:
        """The parts of one cell of a statistics row."""
        start, end = row["start"], row["end"]
        config = tuple(row[name] for name in CONFIGURATION)
        if column in ("online_time", "agent_status_time_ms", "non_productive_time") or column.startswith("custom_"):
            return list(self._status_time(column, config, start, end))
        if column == "error_time":
            failed = [c for c in self.contacts if c["state_class"] == "FAILED"]
            return list(_time_of(failed, config, start, end))
        if column in ("agent_on_contact_time", "agent_idle_time"):
            return list(self._segments(column, config, start, end))
        queue = tuple(row[name] for name in QUEUE)
        if column == "handle_time":
            handling = [c for c in self.contacts if c["state_class"] == "HANDLING" and _queue(c) == queue]
            return list(_time_of(handling, config, start, end))
        if column == "contact_time_ms":
            return list(self._contact_time(config, queue, start, end))
        if column.endswith("_connecting_time"):
            kind = column.removeprefix("agent_").removesuffix("_connecting_time")
            mine = [a for a in self.attempts if kind_of(a.face) == kind and _queue(a.face) == queue]
            spans = [span for attempt in mine for state in attempt.states for span in state.spans]
            return list(_time_of(spans, config, start, end))
        return [
            Part(t, t, 1, None, (face,))
            for t, face in self._moments(column)
            if start <= t < end and _queue(face) == queue and self._configuration_at(t) == config
        ]

    # times ------------------------------------------------------------------------------------------------------------

    def _status_time(self, column: str, config: tuple[Any, ...], start: int, end: int) -> Iterator[Part]:
        for s in self.statuses:
            a, b = max(s["start"], start), min(s["end"], end)
            counts = s["known"] and s["status_type"] != "OFFLINE"
            if column == "non_productive_time" or column.startswith("custom_"):
                counts = counts and s["status_type"] == "CUSTOM"
            if column.startswith("custom_"):
                counts = counts and self.numbers.get(s["status_id"]) == int(column[-2:])
            if counts and b > a and _config(s) == config:
                yield Part(a, b, b - a, s)

    def _segments(self, column: str, config: tuple[Any, ...], start: int, end: int) -> Iterator[Part]:
        for s in self.statuses:
            a, b = max(s["start"], start), min(s["end"], end)
            if b <= a or s["status_type"] != "ROUTABLE" or not s["known"] or _config(s) != config:
                continue
            near = [c for c in self.contacts if c["known"] and c["state_class"] and c["start"] < b and c["end"] > a]
            bounds = sorted({a, b, *(min(max(t, a), b) for c in near for t in (c["start"], c["end"]))})
            for x, y in pairwise(bounds):
                present = tuple(c for c in near if c["start"] <= x and c["end"] >= y)
                classes = {c["state_class"] for c in present}
                working = bool(classes & {"HANDLING", "DIALLING"})
                idle = not working and ("RINGING" not in classes or "FAILED" in classes or self.idle_includes_ringing)
                if working if column == "agent_on_contact_time" else idle:
                    yield Part(x, y, y - x, s, present)

    def _contact_time(self, config: tuple[Any, ...], queue: tuple[Any, ...], start: int, end: int) -> Iterator[Part]:
        mine = [
            c
            for c in self.contacts
            if c["known"] and c["state_class"] == "HANDLING" and _queue(c) == queue and _config(c) == config
        ]
        for s in self.statuses:
            a, b = max(s["start"], start), min(s["end"], end)
            if b <= a or s["status_type"] != "ROUTABLE" or not s["known"]:
                continue
            bounds = sorted({a, b, *(min(max(t, a), b) for c in mine for t in (c["start"], c["end"]))})
            for x, y in pairwise(bounds):
                if present := tuple(c for c in mine if c["start"] <= x and c["end"] >= y):
                    yield Part(x, y, y - x, s, present)

    # moments ----------------------------------------------------------------------------------------------------------

    @cached_property
    def attempts(self) -> list[Attempt]:
        """All attempts of the agent."""
        return [attempt for states in self._appearances for attempt in _attempts(states)]

    @cached_property
    def _appearances(self) -> list[list[State]]:
        appearances: dict[tuple[str, str], dict[int, State]] = defaultdict(dict)
        for c in self.contacts:
            numbered = appearances[c["contact_id"], c["appeared_by"]]
            state = numbered.setdefault(c["state_number"], State(c["start"], None))
            state.spans.append(c)
        made = []
        for by_number in appearances.values():
            states = [by_number[n] for n in sorted(by_number)]
            for state, after in pairwise(states):
                state.ends = after.starts
            final = states[-1]
            final.ends = None if final.first["still_open"] else max(c["end"] for c in final.spans)
            made.append(states)
        return made

    def _moments(self, column: str) -> Iterator[tuple[int, Span]]:
        if column == "contacts_handled":
            yield from self._handled()
            return
        for a in self.attempts:
            kind = kind_of(a.face)
            if column == "contacts_offered" and kind != "outbound":
                yield a.starts, a.face
            elif column == "agent_non_response" and kind != "outbound" and a.outcome == "NON_RESPONSE":
                yield a.ends or a.starts, a.face
            elif column == "callback_connecting_attempts":
                if kind == "callback" and a.outcome == "NOT_PICKED_UP":
                    yield a.ends or a.starts, a.face
            elif column == f"{kind}_connecting_attempts":
                yield a.starts, a.face

    def _handled(self) -> Iterator[tuple[int, Span]]:
        first: dict[str, tuple[tuple[int, int, int], State]] = {}
        for states in self._appearances:  # of two that begin together the one that ends first was there first
            ends = max(c["end"] for state in states for c in state.spans)
            for state in states:
                contact, when = state.first["contact_id"], (state.starts, ends, state.first["appeared_place"])
                if state.first["connected"] and (contact not in first or when < first[contact][0]):
                    first[contact] = (when, state)
        for _, state in first.values():
            if self.contacts_handled == "all" or kind_of(state.first) != "outbound":
                yield state.starts, state.first

    def _configuration_at(self, t: int) -> tuple[Any, ...]:
        for s in self.statuses:
            if s["start"] <= t < s["end"]:
                return _config(s)
        return self.last_configuration()


def kind_of(span: Span) -> str:
    """The kind of attempt behind a method."""
    method = span["initiation_method"]
    if method in _OURS:
        return "outbound"
    if method in _INCOMING:
        return "incoming"
    return "callback" if method == "CALLBACK" else "api"


def _attempts(states: list[State]) -> Iterator[Attempt]:
    first = states[0]
    if first.first["state_class"] in ("HANDLING", "FAILED"):
        answered = first.first["state_class"] == "HANDLING"
        outcome = "ANSWERED" if answered else "NON_RESPONSE"
        yield Attempt([], first.first, first.starts, first.starts, outcome)
    run: list[State] = []
    for state, after in zip(states, [*states[1:], None], strict=True):
        if state.first["state_class"] not in ("RINGING", "DIALLING"):
            continue
        run.append(state)
        following = after.first if after else None
        if following is not None and following["state_class"] in ("RINGING", "DIALLING"):
            continue
        yield Attempt(run, run[0].first, run[0].starts, state.ends, _outcome(state, following))
        run = []


def _outcome(last: State, following: Span | None) -> str:
    ringing = last.first["state_class"] == "RINGING"
    if following is not None and following["state_class"] == "HANDLING" and (ringing or following["connected"]):
        return "ANSWERED"
    if last.ends is None:
        return "OPEN"
    return "NON_RESPONSE" if ringing else "NOT_PICKED_UP"


def _time_of(spans: Iterable[Span], config: tuple[Any, ...], start: int, end: int) -> Iterator[Part]:
    for c in spans:
        a, b = max(c["start"], start), min(c["end"], end)
        if c["known"] and b > a and _config(c) == config:
            yield Part(a, b, b - a, None, (c,))


def _config(span: Span) -> tuple[Any, ...]:
    return tuple(span[name] for name in CONFIGURATION)


def _queue(span: Span) -> tuple[Any, ...]:
    return tuple(span[name] for name in QUEUE)
