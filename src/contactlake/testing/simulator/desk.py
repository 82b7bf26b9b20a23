"""What an agent's desk shows: status, configuration and contacts, and the event of every change.

Owns the agents' state. Every change goes through a method here, which writes the truth, emits the event and tells the
router who is free; so the documents and the truth come from the same state at the same millisecond.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import simpy

from contactlake.testing.simulator.agent_events import CHANNELS, EventText
from contactlake.testing.simulator.chance import uuid4
from contactlake.testing.simulator.clock import SECOND
from contactlake.testing.simulator.contact import AGENT_STARTED, FAILED, HANDLING, Contact
from contactlake.testing.simulator.delivery import Delivery, Entry
from contactlake.testing.simulator.truth import Truth
from contactlake.testing.simulator.world import Group, Person, Profile, Queue, Status, World

BEAT = 120 * SECOND
OFF, CUSTOM, WORKING, RINGING, IDLE = range(5)
"""What an agent's time goes to."""
FOREVER = 1 << 62


class Shown:
    """A contact as one agent's snapshots show it, from its appearance to its end."""

    __slots__ = (
        "agent", "appearance", "channel", "connected", "contact", "dialling", "ended", "method", "pieces", "queue",
        "since", "state", "text",
    )  # fmt: skip

    def __init__(self, agent: Agent, contact: Contact, state: str, at: int) -> None:
        self.agent, self.contact, self.state, self.since = agent, contact, state, at
        self.channel, self.method, self.queue = contact.channel, contact.method, contact.queue
        self.connected: int | None = at if state == "CONNECTED" else None
        self.dialling = contact.method in AGENT_STARTED or contact.method == "CALLBACK"
        self.appearance = contact.appearances.get(agent.person.index, 0) + 1
        contact.appearances[agent.person.index] = self.appearance
        self.pieces = agent.text.contact(contact, contact.initial)
        self.text = agent.text.contact_state(self.pieces, state, at, self.connected)
        self.ended = False


class Agent:
    """An agent's state."""

    __slots__ = (
        "applied", "away", "beats_until", "before", "category", "category_since", "contacts", "entry", "entry_id",
        "entry_type", "group", "idle_since", "last", "logged_out", "next", "next_since", "now", "online", "person",
        "piece_start", "profile", "reserved", "spent", "status", "status_since", "status_text", "text", "used",
    )  # fmt: skip

    def __init__(self, person: Person, text: EventText, status: Status) -> None:
        self.person, self.text, self.status = person, text, status
        self.profile, self.group = person.profile, person.group
        self.status_since = self.next_since = self.idle_since = self.category_since = self.piece_start = 0
        self.status_text = ""
        self.next: Status | None = None
        self.applied: Any = None
        self.contacts: list[Shown] = []
        self.used = [0, 0, 0, 0]
        self.reserved = 0
        self.now: str | None = None
        self.before: str | None = None
        self.last = self.beats_until = -1
        self.entry: Entry | None = None
        self.entry_id = self.entry_type = ""
        self.online = self.away = False
        self.logged_out = True
        self.category = OFF
        self.spent = [0, 0, 0, 0, 0]

    @property
    def busy(self) -> bool:
        """Whether contacts keep the agent from a change of status."""
        return self.reserved > 0 or any(s.method != "MONITOR" for s in self.contacts)


class Desk:
    """All agents of one centre."""

    def __init__(
        self, env: simpy.Environment, world: World, delivery: Delivery, rng: Random, truth: Truth | None, old: bool
    ) -> None:
        self._env, self._world, self._delivery, self._rng, self._truth = env, world, delivery, rng, truth
        made = (EventText(world, p, old and p.index % 11 == 7) for p in world.people)
        self.agents = [Agent(p, t, world.offline) for p, t in zip(world.people, made, strict=True)]
        self.on_change: Callable[[Agent], None] = lambda agent: None

    # -- events -------------------------------------------------------------------------------------------------

    def _emit(self, a: Agent, type: str = "STATE_CHANGE") -> None:
        """Send the agent's state as it is now; changes of one millisecond make one event."""
        at = int(self._env.now)
        self.beat(a, at)
        a.spent[a.category] += at - a.category_since
        a.category_since, a.category = at, self._category(a)
        following = a.text.next_status(a.next, a.next_since)
        configuration = a.text.configuration(a.profile, a.group, (a.used[0], a.used[1], a.used[2], a.used[3]))
        shown = ",".join([s.text for s in a.contacts])
        now = (
            f'{{{a.text.crossing}"AgentStatus":{a.status_text},{following}"Configuration":{configuration},'
            f'"Contacts":[{shown}]}}'
        )
        if a.last == at and a.entry is not None:
            if type == "STATE_CHANGE":
                type = a.entry_type
            a.now = now
            a.entry[2] = a.text.event(now, a.before, a.entry_id, at, type)
            a.entry_type = type
        else:
            a.before, a.now, a.last = a.now, now, at
            a.entry_id, a.entry_type = uuid4(self._rng), type
            a.entry = self._delivery.put(at, a.text.event(now, a.before, a.entry_id, at, type))
        self.on_change(a)

    def beat(self, a: Agent, until: int) -> None:
        """Send the heartbeats that are due before ``until``."""
        due = a.last + BEAT
        while due < until and due <= a.beats_until and a.now is not None:
            self._delivery.put(due, a.text.event(a.now, a.before, uuid4(self._rng), due, "HEART_BEAT"))
            a.last, a.entry = due, None
            due += BEAT

    def beat_all(self, until: int) -> None:
        """Send everybody's heartbeats that are due before ``until``."""
        for a in self.agents:
            if a.last + BEAT < until:
                self.beat(a, until)

    def finish(self) -> None:
        """The last event has been sent: nothing is known after it."""
        for a in self.agents:
            if a.last >= 0:
                self._cut(a, a.last)

    def _category(self, a: Agent) -> int:
        if a.logged_out or a.status.type == "OFFLINE":
            return OFF
        if a.status.type == "CUSTOM":
            return CUSTOM
        ringing = failed = False
        for s in a.contacts:
            if s.method == "MONITOR":
                continue
            if s.state in HANDLING or (s.dialling and s.state == "CONNECTING"):
                return WORKING
            if s.state in FAILED:
                failed = True
            else:
                ringing = True
        return RINGING if ringing and not failed else IDLE

    def _cut(self, a: Agent, at: int) -> None:
        """End the piece of the status timeline that has held until now."""
        if self._truth is not None and at > a.piece_start and a.last >= 0:
            levels = [level[0] for level in a.group.levels] if a.group else []
            kind = "OFFLINE" if a.logged_out else a.status.type
            self._truth.status.add(
                (self._world.id, a.person.id, a.piece_start, at, a.status.arn, a.status.name, kind, a.profile.id,
                 *levels, *[None] * (5 - len(levels)))
            )  # fmt: skip
        a.piece_start = at

    # -- status and configuration -------------------------------------------------------------------------------

    def _set(self, a: Agent, status: Status, since: int) -> None:
        self._cut(a, int(self._env.now))
        a.status, a.status_since, a.next = status, since, None
        a.status_text = a.text.status(status, since)
        a.logged_out = not a.online
        if status.type == "ROUTABLE":
            a.idle_since = since

    def log_in(self, a: Agent) -> None:
        """LOGIN; the status is Offline until the agent chooses another."""
        now = int(self._env.now)
        first = a.last < 0
        a.online = True
        if first:
            a.piece_start = a.category_since = now
            self._set(a, self._world.offline, now - 1 - self._rng.getrandbits(26))
        elif a.status.type != "OFFLINE":
            self._set(a, self._world.offline, now)
        a.logged_out = False
        self._emit(a, "LOGIN")
        a.beats_until = FOREVER  # not before: the night's silence is no gap to fill

    def log_out(self, a: Agent, status: Status | None, beats: int) -> None:
        """LOGOUT, with a change of status or without; heartbeats go on for so long. Open contacts are dropped."""
        now = int(self._env.now)
        for s in tuple(a.contacts):
            self._end(s)
        a.online, a.beats_until = False, now + beats
        if status is not None and status is not a.status:
            self._set(a, status, now)
        elif a.status.type != "OFFLINE":
            self._cut(a, now)
        a.logged_out, a.next = True, None
        self._emit(a, "LOGOUT")

    def choose(self, a: Agent, status: Status, at_once: bool = False) -> Any:
        """Choose a status. With contacts it comes after them: the returned event says when; None: at once."""
        now = int(self._env.now)
        if a.busy and not at_once:
            a.next, a.next_since = status, now
            a.applied = self._env.event()
            self._emit(a)
            return a.applied
        self._set(a, status, now)
        self._emit(a)
        return None

    def _settle(self, a: Agent) -> None:
        """Apply the status that waited for the last contact."""
        if a.next is not None and not a.busy:
            self._set(a, a.next, int(self._env.now))
            a.applied.succeed()

    def configure(self, a: Agent, profile: Profile, group: Group | None) -> None:
        """Change routing profile or group."""
        self._cut(a, int(self._env.now))
        a.profile, a.group = profile, group
        self._emit(a)

    # -- contacts -----------------------------------------------------------------------------------------------

    def reserve(self, a: Agent) -> None:
        """Keep the agent for a contact that is about to be shown."""
        a.reserved += 1
        self.on_change(a)

    def release(self, a: Agent) -> None:
        """The contact is not coming after all."""
        a.reserved -= 1
        if a.next is not None and not a.busy:
            self._settle(a)
            self._emit(a)
        else:
            self.on_change(a)

    def show(self, a: Agent, contact: Contact, state: str, reserved: bool = True) -> Shown:
        """A contact appears."""
        if reserved:
            a.reserved -= 1
        shown = Shown(a, contact, state, int(self._env.now))
        a.contacts.append(shown)
        if contact.method != "MONITOR":
            a.used[CHANNELS[contact.channel]] += 1
        self._emit(a)
        return shown

    def change(self, s: Shown, state: str) -> None:
        """A contact's state changes."""
        now = int(self._env.now)
        self._cut_contact(s, now)
        s.state, s.since = state, now
        if state == "CONNECTED" and s.connected is None:
            s.connected = now
        s.text = s.agent.text.contact_state(s.pieces, state, now, s.connected)
        self._emit(s.agent)

    def clear(self, s: Shown) -> None:
        """A contact leaves the snapshot; a status that waited for it begins with the same event."""
        if s.ended:
            return
        self._end(s)
        if not s.agent.busy:
            s.agent.idle_since = int(self._env.now)
        self._settle(s.agent)
        self._emit(s.agent)

    def _end(self, s: Shown) -> None:
        self._cut_contact(s, int(self._env.now))
        s.ended = True
        s.agent.contacts.remove(s)
        if s.method != "MONITOR":
            s.agent.used[CHANNELS[s.channel]] -= 1

    def _cut_contact(self, s: Shown, at: int) -> None:
        if self._truth is None or at <= s.since:
            return
        queue: Queue | None = s.queue
        self._truth.spans.add(
            (self._world.id, s.agent.person.id, s.contact.id, s.appearance, s.since, at, s.state,
             s.state == "CONNECTED" or (s.state in HANDLING and s.connected is not None),
             queue.id if queue else None, queue.kind if queue else None, s.channel, s.method, s.method == "MONITOR")
        )  # fmt: skip
