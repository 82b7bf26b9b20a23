"""Who works when, and what is planned for a shift: breaks, lunch, meetings, changes of configuration, own calls.

Owns the plans only. Whether a break starts on time depends on the work and is the centre's.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from contactlake.testing.simulator.chance import between, pick
from contactlake.testing.simulator.clock import HOUR, MINUTE, weekday
from contactlake.testing.simulator.world import Person, World

STARTS = (14, 14, 15, 16, 16, 17, 17, 18, 18, 18, 19, 20, 21, 22, 24, 25, 26, 27)
"""When shifts begin, in half hours of the wall clock."""
SLOT = 15 * MINUTE
MEETINGS = ("Training", "Team Meeting", "Coaching", "Quality Review", "Huddle", "Project")
ERRANDS = ("Personal", "System Issue", "Admin Work", "Back Office", "Medical", "Outbound Work")


@dataclass(frozen=True)
class Act:
    """Something an agent means to do: ``kind`` is status, call, profile, group or monitor."""

    at: int
    kind: str
    status: str = ""
    length: int = 0


@dataclass(frozen=True)
class Shift:
    """A planned shift, in UTC."""

    start: int
    end: int
    acts: tuple[Act, ...]
    forgotten: int = 0
    """How long the agent stays logged in after going home; 0: logs out as one should."""


def works(person: Person, day: int) -> bool:
    """Whether the agent works on this day: five days a week, fewer agents at weekends."""
    if weekday(day) >= 5:
        return (person.index + day) % 3 == 0
    return (person.index * 3 + day) % 14 != 5


def _is_night(person: Person, agents: int) -> bool:
    """A few voice agents of a larger centre work through the night."""
    return agents >= 20 and person.pool == "voice" and person.index % 12 == 2


def plan_shift(world: World, person: Person, day: int, rng: Random) -> Shift | None:
    """The agent's shift that begins on this day of the wall clock, if any."""
    if not works(person, day) or (rng.random() < 0.04 and len(world.people) >= 10):
        return None
    wall = 44 if _is_night(person, len(world.people)) else STARTS[person.index * 5 % len(STARTS)]
    start = world.zone.utc(day, wall * 30 * MINUTE) + between(rng, -4 * MINUTE, 3 * MINUTE)
    length = 8 * HOUR + 30 * MINUTE if person.index % 9 else 5 * HOUR
    acts = _breaks(person, start, length, rng)
    end = start + length + between(rng, -2 * MINUTE, 6 * MINUTE)
    own = 3 if person.pool == "voice" else 0
    acts += [Act(between(rng, start + 5 * MINUTE, end - 20 * MINUTE), "call") for _ in range(between(rng, 0, own))]
    if rng.random() < 0.05:
        acts.append(Act(between(rng, start + HOUR, end - HOUR), "profile"))
    if rng.random() < 0.03:
        acts.append(Act(between(rng, start + HOUR, end - HOUR), "group"))
    forgotten = between(rng, HOUR, 4 * HOUR) if rng.random() < 0.03 else 0
    return Shift(start, end, tuple(sorted(acts, key=lambda a: a.at)), forgotten)


def _breaks(person: Person, start: int, length: int, rng: Random) -> list[Act]:
    """Breaks, lunch, meetings and errands; what an agent leads or monitors."""

    def around(minute: int) -> int:
        return start + minute * MINUTE + between(rng, -15 * MINUTE, 15 * MINUTE)

    acts = [Act(around(115), "status", "Break", between(rng, 12 * MINUTE, 17 * MINUTE))]
    if length > 6 * HOUR:
        acts.append(Act(around(235), "status", "Lunch", between(rng, 28 * MINUTE, 36 * MINUTE)))
        acts.append(Act(around(385), "status", "Break", between(rng, 12 * MINUTE, 17 * MINUTE)))
    if rng.random() < 0.25:
        acts.append(Act(around(175), "status", pick(rng, MEETINGS), between(rng, 15 * MINUTE, 45 * MINUTE)))
    for _ in range(between(rng, 0, 2)):
        at = between(rng, start + 10 * MINUTE, start + length - 30 * MINUTE)
        acts.append(Act(at, "status", pick(rng, ERRANDS), between(rng, MINUTE, 7 * MINUTE)))
    if person.pool == "lead":
        times = [between(rng, start + 20 * MINUTE, start + length - 30 * MINUTE) for _ in range(between(rng, 3, 9))]
        acts += [Act(at, "monitor", "", between(rng, MINUTE, 5 * MINUTE)) for at in times]
    return acts


def staff(staffing: dict[int, int], shift: Shift) -> None:
    """Add the time for which this shift offers an agent to the quarter hours that it touches."""

    def add(start: int, end: int, sign: int) -> None:
        while start < end:
            cut = min(end, (start // SLOT + 1) * SLOT)
            staffing[start // SLOT] = staffing.get(start // SLOT, 0) + sign * (cut - start)
            start = cut

    add(shift.start + MINUTE, shift.end, 1)
    for act in shift.acts:
        if act.kind == "status":
            add(act.at, min(act.at + act.length, shift.end), -1)
