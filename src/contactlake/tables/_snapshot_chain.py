"""The order of events that share an instant: follow the chain of snapshots (the statistics rules, section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any


def chain_order(rows: Iterable[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Positions within groups of tied events.

    ``rows`` are ``(agent, instant, event, newest, shows, came_from)``, ordered by agent, instant, newest start (absent
    first), event: every group of tied events and the event or group that stands before it. ``shows`` and ``came_from``
    are equal when the snapshots are. Gives ``(agent, instant, event, position)`` for the events of every group.

    Among the events still to be placed the first that changes nothing is taken, else the first whose previous
    snapshot is the one placed last, else simply the first.
    """
    placed: list[tuple[Any, ...]] = []
    for agent, events in groupby(rows, key=itemgetter(0)):
        last: str | None = None
        for instant, tied in groupby(events, key=itemgetter(1)):
            waiting = [(event, shows, came_from) for _, _, event, _, shows, came_from in tied]
            for position in range(1, len(waiting) + 1):
                chosen = _choose(waiting, last)
                event, last, _ = waiting.pop(chosen)
                placed.append((agent, instant, event, position))
    return placed


def _choose(waiting: list[tuple[str, str, str | None]], last: str | None) -> int:
    """The place in ``waiting`` of the event to be taken next, after the snapshot ``last`` (None: nothing before)."""
    if last is None or len(waiting) == 1:
        return 0
    for place, (_, shows, _) in enumerate(waiting):
        if shows == last:
            return place
    for place, (_, _, came_from) in enumerate(waiting):
        if came_from == last:
            return place
    return 0
