"""Who gets which contact: priorities of routing profiles, longest waiting contact, longest idle agent, proficiencies.

Owns the queues of waiting contacts and the lists of free agents; reserves agents at the desk and triggers offers.
"""

from __future__ import annotations

import simpy

from contactlake.testing.simulator.contact import FAILED, Contact
from contactlake.testing.simulator.desk import Agent, Desk
from contactlake.testing.simulator.world import World


def fits(agent: Agent, contact: Contact, now: int) -> bool:
    """Whether the agent meets the routing step that is active now."""
    return not contact.level or now >= contact.level_until or agent.person.spanish >= contact.level


class Router:
    """Matches contacts and agents of one centre."""

    def __init__(self, env: simpy.Environment, world: World, desk: Desk) -> None:
        self._env, self._desk = env, desk
        self._waiting: list[dict[str, Contact]] = [{} for _ in world.queues]
        self._idle: list[dict[int, Agent]] = [{} for _ in world.profiles]
        self._part: list[dict[int, Agent]] = [{} for _ in world.profiles]
        self._profiles_of = [
            [p.index for p in world.profiles if any(q.index == queue.index for q, _ in p.queues)]
            for queue in world.queues
        ]
        desk.on_change = self.refresh

    def can_take(self, agent: Agent, channel: str) -> bool:
        """Whether the agent has a slot for a contact of this channel."""
        if agent.status.type != "ROUTABLE" or agent.next is not None or agent.logged_out:
            return False
        mine = others = 0
        for s in agent.contacts:
            if s.state in FAILED or s.method in ("MONITOR", "AGENT_REPLY"):
                return False
            if s.channel == channel:
                mine += 1
            else:
                others += 1
        most = next((n for c, n in agent.profile.slots if c == channel), 0)
        crossing = agent.profile.pool == "work"
        return mine + agent.reserved < most and (not others or crossing)

    def refresh(self, agent: Agent) -> None:
        """The agent's state has changed: keep the lists, and offer what waits."""
        i = agent.person.index
        channels = {queue.channel: None for queue, _ in agent.profile.queues}
        free = [c for c in channels if self.can_take(agent, c)]
        empty = bool(free) and not agent.contacts and not agent.reserved
        for p in range(len(self._idle)):
            here = p == agent.profile.index
            if not (here and empty):
                self._idle[p].pop(i, None)
            if not (here and free and not empty):
                self._part[p].pop(i, None)
        if empty:
            self._idle[agent.profile.index].setdefault(i, agent)
        elif free:
            self._part[agent.profile.index].setdefault(i, agent)
        if free:
            self._pull(agent, free)

    def _pull(self, agent: Agent, channels: list[str]) -> None:
        """Offer the agent the best waiting contact, if there is one."""
        best: Contact | None = None
        rank = (0, 0)
        now = int(self._env.now)
        for queue, priority in agent.profile.queues:
            if queue.channel not in channels or (best is not None and priority > rank[0]):
                continue
            for contact in self._waiting[queue.index].values():
                if fits(agent, contact, now):
                    if best is None or (priority, contact.enqueued or 0) < rank:
                        best, rank = contact, (priority, contact.enqueued or 0)
                    break
        if best is not None:
            self.forget(best)
            self._desk.reserve(agent)
            best.offer.succeed(agent)

    def find(self, contact: Contact) -> Agent | None:
        """Reserve the longest idle agent for the contact, else one with a free slot; None: nobody is free."""
        if contact.queue is None:
            return None
        now = int(self._env.now)
        for lists in (self._idle, self._part):
            best: Agent | None = None
            for p in self._profiles_of[contact.queue.index]:
                for agent in lists[p].values():
                    if fits(agent, contact, now) and self.can_take(agent, contact.channel):
                        if best is None or agent.idle_since < best.idle_since:
                            best = agent
                        break
            if best is not None:
                self._desk.reserve(best)
                return best
        return None

    def wait(self, contact: Contact) -> None:
        """Put the contact into its queue."""
        if contact.queue is not None:
            self._waiting[contact.queue.index][contact.id] = contact

    def forget(self, contact: Contact) -> None:
        """Take the contact out of its queue."""
        if contact.queue is not None:
            self._waiting[contact.queue.index].pop(contact.id, None)

    def colleague(self, than: Agent) -> Agent | None:
        """Reserve an idle colleague of the same work for a transfer."""
        for p, agents in enumerate(self._idle):
            for agent in agents.values():
                if agent is not than and agent.profile.pool == than.profile.pool and agent.profile.index == p:
                    self._desk.reserve(agent)
                    return agent
        return None
