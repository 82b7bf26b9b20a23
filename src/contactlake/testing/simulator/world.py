"""Who and what exists: instances, statuses, queues, routing profiles, groups of the hierarchy, agents.

Owns the standing facts of one centre, all drawn from its own random stream; knows nothing of what happens in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from contactlake.testing.simulator.chance import between, pick, stream, uuid4
from contactlake.testing.simulator.clock import ZONES, Zone

CUSTOM_STATUSES = (
    "Break", "Lunch", "Training", "Team Meeting", "Coaching", "Personal", "System Issue", "Admin Work",
    "Outbound Work", "Quality Review", "Huddle", "Back Office", "Project", "Medical", "Supervising",
)  # fmt: skip
FIRST = (
    "Ana", "Ben", "Chloé", "David", "Emma", "Farid", "Grace", "Hugo", "Inês", "José", "Kofi", "Laura", "Łukasz",
    "Mei", "Nora", "Oscar", "Priya", "Quinn", "Rosa", "Søren", "Tom", "Uma", "Vera", "Wim", "Yuki", "Zoë",
)  # fmt: skip
LAST = (
    "Abebe", "Baker", "Costa", "Dubois", "Evans", "Fischer", "García", "Haddad", "Ito", "Jensen", "Kowalski", "Lopez",
    "Müller", "Novák", "Ó Briain", "Patel", "Quist", "Rossi", "Silva", "Tan", "Umar", "Vega", "Wong", "Young",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Status:
    """An agent status."""

    arn: str
    name: str
    type: str


@dataclass(frozen=True, eq=False)
class Queue:
    """A queue; ``kind`` is STANDARD or AGENT (then it has no name in documents)."""

    index: int
    id: str
    arn: str
    name: str
    channel: str
    kind: str = "STANDARD"


@dataclass(frozen=True, eq=False)
class Profile:
    """A routing profile: queues with priorities, and how many contacts of a channel an agent takes at once."""

    index: int
    id: str
    arn: str
    name: str
    queues: tuple[tuple[Queue, int], ...]
    slots: tuple[tuple[str, int], ...]
    outbound: Queue
    pool: str


@dataclass(frozen=True, eq=False)
class Group:
    """A path in the agent hierarchy: (id, ARN, name) per level, top first."""

    index: int
    levels: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, eq=False)
class Person:
    """An agent as hired; what changes during a shift is the desk's."""

    index: int
    id: str
    arn: str
    username: str
    first: str
    last: str
    pool: str
    profile: Profile
    group: Group | None
    own_queue: Queue
    spanish: int
    habit: int
    """Random bits by which optional keys are there or not, and by which agents differ in their ways."""


@dataclass(frozen=True, eq=False)
class World:
    """One centre."""

    index: int
    id: str
    arn: str
    account: str
    alias: str
    zone: Zone
    task_text: str
    offline: Status
    available: Status
    custom: tuple[Status, ...]
    queues: tuple[Queue, ...]
    profiles: tuple[Profile, ...]
    groups: tuple[Group, ...]
    people: tuple[Person, ...]
    flows: tuple[tuple[str, str], ...]

    def status(self, name: str) -> Status:
        """The custom status of this name."""
        return next(s for s in self.custom if s.name == name)


QUEUES = (
    ("Sales", "VOICE"), ("Support", "VOICE"), ("Billing", "VOICE"), ("General", "VOICE"),
    ("Chat Sales", "CHAT"), ("Chat Support", "CHAT"), ("Tasks", "TASK"), ("E-mail", "EMAIL"), ("Escalations", "VOICE"),
)  # fmt: skip
PROFILES = (
    ("Voice Sales", "voice", ((0, 1), (3, 1), (1, 2), (2, 2)), (("VOICE", 1),)),
    ("Voice Service", "voice", ((1, 1), (2, 1), (3, 1), (0, 2)), (("VOICE", 1),)),
    ("Chat", "chat", ((5, 1), (4, 1)), (("CHAT", 3), ("VOICE", 1))),
    ("Back Office", "work", ((6, 1), (7, 2)), (("TASK", 2), ("EMAIL", 2))),
    ("Team Leads", "lead", ((8, 1),), (("VOICE", 1), ("CHAT", 1))),
)


def _groups(rng: Random, arn: str, teams: int) -> tuple[Group, ...]:
    """A tree of three to five levels with so many teams at its leaves."""

    def level(name: str) -> tuple[str, str, str]:
        id = uuid4(rng)
        return id, f"{arn}/agent-group/{id}", name

    top, sites = level("Operations"), [level("North"), level("South")]
    depth = between(rng, 3, 5)
    made = []
    for i in range(teams):
        path = [top, sites[i % 2], *(level(f"Unit {i + 1}.{d}") for d in range(depth - 3)), level(f"Team {i + 1}")]
        made.append(Group(i, tuple(path)))
    return tuple(made)


def _pool(i: int, agents: int) -> str:
    """Which work an agent does: of 20, one leads, four chat, three are back office; small centres have no lead."""
    place = i % 20
    if place == 13 and agents >= 14:
        return "lead"
    return "chat" if place in (3, 8, 14, 18) else "work" if place in (4, 11, 16) else "voice"


def build_world(seed: int, index: int, agents: int) -> World:
    """The centre with this number, the same for the same seed and size."""
    rng = stream(seed, "world", index)
    account, id = f"1234567890{index % 90 + 10}", uuid4(rng)
    region = ("us-east-1", "eu-central-1", "us-west-2", "ap-southeast-1")[index % 4]
    arn = f"arn:aws:connect:{region}:{account}:instance/{id}"

    def status(name: str, type: str) -> Status:
        return Status(f"{arn}/agent-state/{uuid4(rng)}", name, type)

    offline, available = status("Offline", "OFFLINE"), status("Available", "ROUTABLE")
    custom = tuple(status(name, "CUSTOM") for name in CUSTOM_STATUSES)
    queues = []
    for i, (name, channel) in enumerate(QUEUES):
        queue_id = uuid4(rng)
        queues.append(Queue(i, queue_id, f"{arn}/queue/{queue_id}", name, channel))
    outbound_id = uuid4(rng)
    outbound = Queue(len(queues), outbound_id, f"{arn}/queue/{outbound_id}", "Outbound", "VOICE")
    profiles = []
    for i, (name, pool, entries, slots) in enumerate(PROFILES):
        profile_id = uuid4(rng)
        chosen = tuple((queues[q], priority) for q, priority in entries)
        made = Profile(i, profile_id, f"{arn}/routing-profile/{profile_id}", name, chosen, slots, outbound, pool)
        profiles.append(made)
    groups = _groups(rng, arn, max(1, agents // 12))
    people = tuple(_person(rng, arn, i, agents, profiles, groups) for i in range(agents))
    flows = tuple((f"{arn}/contact-flow/{uuid4(rng)}", name) for name in ("Main menu", "Chat entry", "Work intake"))
    task_text = "TASKS" if index % 2 else "TASK"
    return World(
        index, id, arn, account, f"centre-{index + 1}", ZONES[index % len(ZONES)], task_text, offline, available,
        custom, (*queues, outbound), tuple(profiles), groups, people, flows,
    )  # fmt: skip


def _person(rng: Random, arn: str, i: int, agents: int, profiles: list[Profile], groups: tuple[Group, ...]) -> Person:
    """Agent number i."""
    id, first, last = uuid4(rng), pick(rng, FIRST), pick(rng, LAST)
    pool = _pool(i, agents)
    fitting = [p for p in profiles if p.pool == pool]
    habit = rng.getrandbits(32)
    group = None if habit % 17 == 0 else groups[i * len(groups) // agents]
    own = Queue(-1, id, f"{arn}/queue/agent/{id}", "", "VOICE", "AGENT")
    spanish = between(rng, 2, 5) if rng.random() < 0.3 else 0
    name = f"agent.{i + 1:05}"
    return Person(i, id, f"{arn}/agent/{id}", name, first, last, pool, pick(rng, fitting), group, own, spanish, habit)
