"""The lives of contacts: flow, queue, ringing, conversation, hold, transfer, after-contact work.

Owns what happens to a contact and when; each life is a process of the engine. What an agent's desk shows of it goes
through the desk, what is written about it through the outcome.
"""

from __future__ import annotations

from collections.abc import Generator
from random import Random
from typing import Any

import simpy

from contactlake.testing.simulator import durations as lasts
from contactlake.testing.simulator.chance import between, pick, uuid4
from contactlake.testing.simulator.clock import HOUR, MINUTE, SECOND
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.desk import Agent, Desk, Shown
from contactlake.testing.simulator.outcome import Outcome
from contactlake.testing.simulator.routing import Router
from contactlake.testing.simulator.world import Queue, World

Life = Generator[Any, Any, None]


class Lives:
    """The contacts of one centre."""

    def __init__(
        self, env: simpy.Environment, world: World, desk: Desk, router: Router, outcome: Outcome, rng: Random
    ) -> None:
        self._env, self._world, self._desk, self._router = env, world, desk, router
        self._outcome, self._rng = outcome, rng
        self._live: dict[str, Contact] = {}

    @property
    def now(self) -> int:
        """The simulated time."""
        return int(self._env.now)

    def make(self, channel: str, method: str, queue: Queue | None, after: Contact | None = None) -> Contact:
        """A new contact; ``after``: it continues that one."""
        rng = self._rng
        subtype = {"VOICE": "connect:Telephony", "CHAT": "connect:Chat", "EMAIL": "connect:Email"}.get(channel, "")
        subtype = "connect:WebRTC" if method == "WEBRTC_API" else subtype or "connect:Task"
        customer = after.customer if after else f"+1202555{between(rng, 0, 9999):04}"
        if channel == "EMAIL" and after is None:
            customer = f"customer{rng.getrandbits(20)}@mail.example"
        contact = Contact(uuid4(rng), channel, method, self.now, customer, subtype, rng.getrandbits(32), queue)
        contact.patience = lasts.PATIENCE[channel].draw(rng)
        if after is not None:
            contact.previous, contact.initial = after.id, after.initial or after.id
            after.next, after.next_method = contact.id, method
        return contact

    def _finish(self, c: Contact) -> None:
        self._live.pop(c.id, None)
        self._outcome.finish(c, self.now)

    def _over(self, c: Contact, reason: str | None, abandoned: bool = False) -> None:
        """The contact is over without an agent."""
        c.disconnected, c.reason, c.abandoned = self.now, reason, abandoned
        if c.enqueued is not None and c.dequeued is None:
            c.dequeued = self.now
        self._finish(c)

    # -- before the agent ---------------------------------------------------------------------------------------

    def arrive(self, c: Contact) -> Life:
        """A contact from outside: its flow, then its queue, unless it ends in the flow."""
        rng = self._rng
        if c.method == "API" and c.channel == "VOICE":
            yield self._env.timeout(between(rng, 4 * SECOND, 20 * SECOND))
        c.system = self.now
        flow = lasts.FLOW.draw(rng) if c.channel == "VOICE" else between(rng, 800, 15 * SECOND)
        yield self._env.timeout(flow)
        if c.channel == "VOICE" and rng.random() < 0.1:
            self._outcome.flow_ended(c, self.now, "Disconnect")
            c.queue = None
            self._over(c, pick(rng, ("CONTACT_FLOW_DISCONNECT", "CUSTOMER_DISCONNECT")))
            return
        self._outcome.flow_ended(c, self.now, "TransferToQueue")
        if c.channel in ("VOICE", "CHAT") and rng.random() < 0.08:
            c.level, c.level_until = between(rng, 2, 4), self.now + between(rng, 10, 40) * SECOND
        yield from self._serve(c)

    def _serve(self, c: Contact, direct: Agent | None = None) -> Life:
        """Queue, agent, conversation, end; ``direct``: this agent is reserved already."""
        shown = yield from self._queue(c, direct)
        if shown is None:
            return
        if c.method == "CALLBACK" and not (yield from self._dial_back(c, shown)):
            return
        self._connect(c, shown)
        if c.channel == "VOICE":
            yield from self._call(c, shown)
        elif c.channel == "CHAT":
            yield from self._chat(c, shown)
        else:
            yield from self._work(c, shown)

    def _queue(self, c: Contact, direct: Agent | None) -> Generator[Any, Any, Shown | None]:
        """Wait for an agent who answers; None: the contact is over, or went elsewhere."""
        rng = self._rng
        c.enqueued = self.now
        deadline = self.now + c.patience
        diverted = lasts.NEVER
        if c.channel == "VOICE" and c.method != "CALLBACK" and direct is None and rng.random() < 0.2:
            diverted = self.now + between(rng, 60 * SECOND, 150 * SECOND)
        while True:
            agent = direct or self._router.find(c)
            if agent is None:
                agent = yield from self._wait(c, min(deadline, diverted))
            if agent is None:
                if self.now >= deadline:
                    self._give_up(c)
                    return None
                if self.now >= diverted:
                    self._divert(c)
                    return None
                continue
            yield self._env.timeout(between(rng, 20, 180))
            if agent.logged_out or agent.status.type != "ROUTABLE":
                self._desk.release(agent)
            else:
                shown = yield from self._ring(c, agent, deadline)
                if shown is not None or c.disconnected is not None:
                    return shown
            if direct is not None:
                self._over(c, "CONTACT_FLOW_DISCONNECT", abandoned=True)
                return None

    def _wait(self, c: Contact, limit: int) -> Generator[Any, Any, Agent | None]:
        """Wait in the queue for a reservation, at most until ``limit`` or until the routing step expires."""
        if c.level and self.now < c.level_until:
            limit = min(limit, c.level_until)
        if limit <= self.now:
            return None
        offer = c.offer = self._env.event()
        timer = self._env.timeout(limit - self.now)

        def expire(_: simpy.Event) -> None:
            if not offer.triggered:
                self._router.forget(c)
                offer.succeed(None)

        timer.callbacks.append(expire)
        self._router.wait(c)
        agent: Agent | None = yield offer
        return agent

    def _give_up(self, c: Contact) -> None:
        """Nobody came in time."""
        reason = "CUSTOMER_DISCONNECT" if c.channel in ("VOICE", "CHAT") else "EXPIRED"
        if c.channel == "VOICE" and self._rng.random() < 0.06:
            ending = self.make("VOICE", "DISCONNECT", None, c)
            self._env.process(self._farewell(ending))
        self._over(c, reason, abandoned=True)

    def _farewell(self, c: Contact) -> Life:
        """A disconnect flow."""
        c.system = self.now
        yield self._env.timeout(between(self._rng, SECOND, 5 * SECOND))
        self._outcome.flow_ended(c, self.now, "Disconnect")
        self._over(c, "CONTACT_FLOW_DISCONNECT")

    def _divert(self, c: Contact) -> None:
        """After a while in the queue: a callback is accepted, or the flow moves the contact to another queue."""
        if self._rng.random() < 0.6:
            back = self.make(c.channel, "CALLBACK", c.queue, c)
            back.patience = between(self._rng, HOUR, 2 * HOUR)
            self._env.process(self._call_back(back))
            self._over(c, "CUSTOMER_DISCONNECT")
        else:
            moved = self.make(c.channel, "QUEUE_TRANSFER", self._world.queues[3], c)
            moved.system = self.now
            self._env.process(self._serve(moved))
            self._over(c, None)

    def _call_back(self, c: Contact) -> Life:
        """A callback waits for its initial delay, then in the queue."""
        yield self._env.timeout(between(self._rng, 5 * SECOND, 5 * MINUTE))
        yield from self._serve(c)

    # -- at the agent -------------------------------------------------------------------------------------------

    def _ring(self, c: Contact, a: Agent, deadline: int) -> Generator[Any, Any, Shown | None]:
        """Offer the contact to the agent; None: not answered, or over (then it has a disconnect time)."""
        rng, desk, habit = self._rng, self._desk, a.person.habit
        c.attempts += 1
        if habit & 0x700 == 0 and not a.away and c.method != "CALLBACK":
            if habit & 0x800:
                return desk.show(a, c, "CONNECTED")
            shown = desk.show(a, c, "CONNECTING")
            yield self._env.timeout(between(rng, 300, 900))
            return shown
        first = pick(rng, ("INCOMING", "PENDING")) if c.method == "CALLBACK" else "CONNECTING"
        shown = desk.show(a, c, first)
        chance = rng.random()
        failed = "MISSED" if a.away or chance < 0.02 else "REJECTED" if chance < 0.028 else ""
        failed = failed or ("ERROR" if chance < 0.031 else "")
        wait = 20 * SECOND if failed == "MISSED" else lasts.RING.draw(rng)
        hangs_up = self.now + wait >= deadline
        yield self._env.timeout(max(1, deadline - self.now) if hangs_up else wait)
        if shown.ended:
            return None
        if hangs_up:
            failed = "REJECTED"
            self._over(c, "CUSTOMER_DISCONNECT" if c.channel in ("VOICE", "CHAT") else "EXPIRED", abandoned=True)
        if not failed:
            return shown
        desk.change(shown, failed)
        if not a.away:
            self._env.process(self._clear_later(shown, between(rng, SECOND, 20 * SECOND)))
        return None

    def _clear_later(self, shown: Shown, wait: int) -> Life:
        yield self._env.timeout(wait)
        self._desk.clear(shown)

    def _dial_back(self, c: Contact, shown: Shown) -> Generator[Any, Any, bool]:
        """The agent took a callback: the customer is called, and answers or not."""
        c.dequeued = self.now
        self._desk.change(shown, "CONNECTING")
        yield self._env.timeout(between(self._rng, 5 * SECOND, 20 * SECOND))
        if self._rng.random() < 0.8:
            c.system = self.now
            return True
        self._not_reached(c, shown, abandoned=True)
        return False

    def _not_reached(self, c: Contact, shown: Shown, abandoned: bool) -> None:
        """Nobody picked up what an agent dialled."""
        if self._rng.random() < 0.5:
            self._desk.change(shown, "ERROR")
            self._env.process(self._clear_later(shown, between(self._rng, SECOND, 5 * SECOND)))
        else:
            self._desk.clear(shown)
        self._over(c, pick(self._rng, ("TELECOM_UNANSWERED", "TELECOM_UNANSWERED", "TELECOM_BUSY")), abandoned)

    def _connect(self, c: Contact, shown: Shown) -> None:
        a = shown.agent
        c.answered, c.agent, c.profile, c.group = self.now, a, a.profile, a.group
        if c.enqueued is not None and c.dequeued is None:
            c.dequeued = self.now
        if shown.state != "CONNECTED":
            self._desk.change(shown, "CONNECTED")
        if c.channel == "VOICE":
            self._live[c.id] = c

    def _leave(self, c: Contact, shown: Shown) -> Life:
        """The agent's leg ends: after-contact work, or none; then the contact is final."""
        rng = self._rng
        c.left = self.now
        self._live.pop(c.id, None)
        if c.over is not None:
            c.over.succeed()
        if rng.random() < lasts.NO_WRAP_UP[c.channel]:
            self._desk.clear(shown)
        else:
            c.wrapup = self.now
            self._desk.change(shown, "ENDED")
            yield self._env.timeout(lasts.WRAP_UP[c.channel].draw(rng))
            c.cleared = self.now
            self._desk.clear(shown)
        if c.disconnected is not None and c.disconnected > self.now:
            yield self._env.timeout(c.disconnected - self.now)
        self._finish(c)

    def _call(self, c: Contact, shown: Shown) -> Life:
        """A conversation with holds, then its end or a transfer."""
        rng = self._rng
        total, holds = lasts.TALK["VOICE"].draw(rng), 0
        if rng.random() < 0.17:
            holds = between(rng, 1, 3)
        for i in range(holds + 1):
            yield self._env.timeout(max(500, total // (holds + 1) + between(rng, -2 * SECOND, 2 * SECOND)))
            if i < holds:
                self._desk.change(shown, "CONNECTED_ONHOLD")
                begun = self.now
                c.hold_disconnect = rng.random() < 0.05
                yield self._env.timeout(lasts.HOLD.draw(rng))
                c.holds.append((begun, self.now))
                if c.hold_disconnect:
                    break
                self._desk.change(shown, "CONNECTED")
        if not c.hold_disconnect:
            # The last state must have lasted: two changes of one millisecond would make one event.
            yield self._env.timeout(between(rng, 40, 400))
        if c.hold_disconnect or c.previous is not None or not self._hand_over(c, shown):
            self._end(c)
        yield from self._leave(c, shown)

    def _end(self, c: Contact) -> None:
        """Somebody hangs up."""
        by_agent = self._rng.random() < (0.1 if c.hold_disconnect else 0.3)
        c.disconnected, c.reason = self.now, "AGENT_DISCONNECT" if by_agent else "CUSTOMER_DISCONNECT"

    def _hand_over(self, c: Contact, shown: Shown) -> bool:
        """Perhaps transfer the contact: to a colleague, to a queue, outside."""
        chance = self._rng.random()
        if chance >= 0.09:
            return False
        c.transferred = self.now
        if chance < 0.03 and c.channel == "VOICE":
            c.transferred_to = f"+1312555{between(self._rng, 0, 9999):04}"
            c.disconnected = self.now + between(self._rng, 20 * SECOND, 10 * MINUTE)
            c.reason = pick(self._rng, ("CUSTOMER_DISCONNECT", "THIRD_PARTY_DISCONNECT"))
            return True
        c.disconnected = self.now
        colleague = self._router.colleague(shown.agent) if chance < 0.06 else None
        queue = colleague.person.own_queue if colleague else c.queue
        if queue is None or (queue.kind == "AGENT" and colleague is None):
            queue = self._world.queues[3 if c.channel == "VOICE" else 5]
        elif queue.name == "Outbound":
            queue = self._world.queues[3]
        moved = self.make(c.channel, "TRANSFER", queue, c)
        moved.system = self.now
        self._env.process(self._serve(moved, colleague))
        return True

    def _chat(self, c: Contact, shown: Shown) -> Life:
        yield self._env.timeout(lasts.TALK["CHAT"].draw(self._rng))
        if c.previous is not None or not self._hand_over(c, shown):
            self._end(c)
            if self._rng.random() < 0.1:
                c.reason = "IDLE_DISCONNECT"
        yield from self._leave(c, shown)

    def _work(self, c: Contact, shown: Shown) -> Life:
        """A task, which may be paused, or an e-mail, which may be answered by one."""
        rng = self._rng
        total = lasts.TALK[c.channel].draw(rng)
        yield self._env.timeout(total // 2)
        if c.channel == "TASK" and rng.random() < 0.12:
            self._desk.change(shown, "PAUSED")
            begun = self.now
            yield self._env.timeout(lasts.PAUSE.draw(rng))
            c.pauses.append((begun, self.now))
            self._desk.change(shown, "CONNECTED")
        yield self._env.timeout(total - total // 2)
        if c.channel == "EMAIL" and rng.random() < 0.6:
            yield from self._reply(c, shown.agent)
        c.disconnected = self.now
        c.reason = "AGENT_COMPLETED" if c.channel == "TASK" else "AGENT_DISCONNECT"
        yield from self._leave(c, shown)

    # -- begun by agents ----------------------------------------------------------------------------------------

    def _reply(self, c: Contact, a: Agent) -> Life:
        """An e-mail in answer to one."""
        reply = self.make("EMAIL", "AGENT_REPLY", a.profile.outbound, None)
        reply.related, reply.customer, reply.attempts = c.id, c.customer, 1
        shown = self._desk.show(a, reply, "CONNECTING", reserved=False)
        yield self._env.timeout(between(self._rng, 200, 900))
        reply.system = self.now
        self._connect(reply, shown)
        yield self._env.timeout(between(self._rng, 20 * SECOND, 150 * SECOND))
        reply.disconnected = reply.left = self.now
        reply.reason = "AGENT_DISCONNECT"
        self._desk.clear(shown)
        self._finish(reply)
        yield self._env.timeout(between(self._rng, 200, 2 * SECOND))

    def call_out(self, a: Agent) -> Life:
        """An agent's own call."""
        c = self.make("VOICE", "OUTBOUND", a.profile.outbound)
        c.attempts = 1
        if self._rng.random() < 0.2:
            c.campaign = f"{self._world.id[:24]}{'c' * 12}"
        shown = self._desk.show(a, c, "CONNECTING", reserved=False)
        yield self._env.timeout(between(self._rng, 5 * SECOND, 25 * SECOND))
        if self._rng.random() < 0.35:
            self._not_reached(c, shown, abandoned=False)
            return
        c.system = self.now
        self._connect(c, shown)
        yield from self._call(c, shown)

    def watch(self, lead: Agent, length: int) -> Life:
        """A team lead listens to a call that is going on."""
        calls = [c for c in self._live.values() if c.over is None and c.agent is not lead]
        if not calls:
            return
        target = pick(self._rng, calls)
        target.over = self._env.event()
        c = self.make("VOICE", "MONITOR", None)
        c.initial, c.related, c.attempts = target.initial or target.id, target.id, 1
        c.system = self.now
        shown = self._desk.show(lead, c, "CONNECTED", reserved=False)
        self._connect(c, shown)
        self._live.pop(c.id)
        yield self._env.any_of((target.over, self._env.timeout(length)))
        target.watched.append((c.initiated, self.now))
        c.left = c.disconnected = self.now
        c.reason = "AGENT_DISCONNECT"
        self._desk.clear(shown)
        self._finish(c)
