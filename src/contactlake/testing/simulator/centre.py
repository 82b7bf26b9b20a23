"""One contact centre over its days: plans the shifts, runs the engine window by window, and flushes what is final."""

from __future__ import annotations

from pathlib import Path

import simpy

from contactlake.testing.simulator.arrivals import arrivals
from contactlake.testing.simulator.chance import between, pick, stream
from contactlake.testing.simulator.clock import DAY, HOUR, MINUTE, SECOND
from contactlake.testing.simulator.contact import HANDLING
from contactlake.testing.simulator.delivery import WINDOW
from contactlake.testing.simulator.desk import IDLE, WORKING, Agent, Desk
from contactlake.testing.simulator.lives import Life, Lives
from contactlake.testing.simulator.outcome import Documents, Outcome
from contactlake.testing.simulator.routing import Router
from contactlake.testing.simulator.shifts import Act, Shift, plan_shift, staff
from contactlake.testing.simulator.truth import Truth
from contactlake.testing.simulator.world import World, build_world

POOLS = ("voice", "chat", "work")


class Centre:
    """One instance: world, engine, agents, contacts."""

    def __init__(
        self, root: Path, seed: int, index: int, agents: int, start: int, days: int, messy: bool, truth: bool
    ) -> None:
        self.world: World = build_world(seed, index, agents)
        self.tag = f"i{index + 1:02}"
        self._seed, self._start, self._days = seed, start, days
        self._begin = self.world.zone.utc(start, 0)
        self._env = simpy.Environment(self._begin)
        self.documents = Documents(self.world, seed, root, self.tag, messy)
        self._truth = Truth(root / "truth", self.tag) if truth else None
        self.outcome = Outcome(self.documents, self._truth, stream(seed, "outcome", index))
        events = self.documents.streams["agent-events"]
        self._desk = Desk(self._env, self.world, events, stream(seed, "events", index), self._truth, messy)
        router = Router(self._env, self.world, self._desk)
        self._lives = Lives(self._env, self.world, self._desk, router, self.outcome, stream(seed, "lives", index))
        self._rng = stream(seed, "agents", index)
        self._staffing: dict[str, dict[int, int]] = {pool: {} for pool in (*POOLS, "lead")}

    def run(self) -> None:
        """Simulate all days, let everybody finish and log out, and write everything."""
        self._env.process(self._plan_days())
        end = self.world.zone.utc(self._start + self._days, 0)
        for pool in POOLS:
            table = self._staffing[pool]
            rng = stream(self._seed, "arrivals", pool, self.world.index)
            self._env.process(arrivals(self._env, pool, table, self._lives, self.world, rng, end))
        until = self._begin
        while self._env.peek() != simpy.core.Infinity:
            until = (until // WINDOW + 1) * WINDOW
            while self._env.peek() < until:
                self._env.step()
            self._desk.beat_all(until)
            for delivery in self.documents.streams.values():
                delivery.flush(until)
        self._desk.beat_all(until + 2 * HOUR)
        self._desk.finish()
        self.documents.close()
        if self._truth is not None:
            self._truth.close()
        for agent in self._desk.agents:
            self.outcome.figures.on_contact_ms += agent.spent[WORKING]
            self.outcome.figures.idle_ms += agent.spent[IDLE]

    def _plan_days(self) -> Life:
        """At each midnight of the centre's wall clock: the shifts that begin on this day."""
        for day in range(self._start, self._start + self._days):
            midnight = self.world.zone.utc(day, 0)
            if midnight > self._env.now:
                yield self._env.timeout(midnight - int(self._env.now))
            for agent in self._desk.agents:
                rng = stream(self._seed, "shift", self.world.index, agent.person.index, day)
                shift = plan_shift(self.world, agent.person, day, rng)
                if shift is not None:
                    staff(self._staffing[agent.person.pool], shift)
                    self._env.process(self._work(agent, shift))
            for table in self._staffing.values():
                for old in [slot for slot in table if slot * 15 * MINUTE < midnight - DAY]:
                    del table[old]

    def _work(self, a: Agent, shift: Shift) -> Life:
        """One agent's shift."""
        env, desk, rng = self._env, self._desk, self._rng
        yield env.timeout(max(1, shift.start - int(env.now)))
        a.away = False
        desk.log_in(a)
        yield env.timeout(between(rng, 1500, 25 * SECOND))
        main = self.world.status("Supervising") if a.person.pool == "lead" else self.world.available
        desk.choose(a, main)
        for act in shift.acts:
            if act.at > env.now:
                yield env.timeout(act.at - int(env.now))
            if env.now < shift.end - 10 * MINUTE:
                yield from self._act(a, act)
        if shift.end > env.now:
            yield env.timeout(shift.end - int(env.now))
        if shift.forgotten:
            yield from self._forget(a, shift)
        else:
            yield from self._go_home(a)

    def _act(self, a: Agent, act: Act) -> Life:
        """Something planned; a break begins when the contacts are done, an own call only when there is nothing else."""
        env, desk, rng = self._env, self._desk, self._rng
        if act.kind == "status":
            before = a.status
            applied = desk.choose(a, self.world.status(act.status), at_once=rng.random() < 0.06)
            if applied is not None:
                yield applied
            yield env.timeout(act.length)
            desk.choose(a, before, at_once=True)
        elif act.kind == "call":
            if not a.contacts and not a.busy and a.status.type == "ROUTABLE":
                env.process(self._lives.call_out(a))
        elif act.kind == "monitor":
            yield from self._lives.watch(a, act.length)
        elif act.kind == "profile":
            others = [p for p in self.world.profiles if p.pool == a.profile.pool and p is not a.profile]
            if others:
                desk.configure(a, others[0], a.group)
        elif a.group is not None:
            desk.configure(a, a.profile, pick(rng, self.world.groups))

    def _go_home(self, a: Agent) -> Life:
        """Offline, then LOGOUT; or both in one."""
        env, desk, rng = self._env, self._desk, self._rng
        beats = between(rng, 0, 60) * MINUTE
        if not a.busy and rng.random() < 0.3:
            desk.log_out(a, self.world.offline, beats)
            return
        applied = desk.choose(a, self.world.offline)
        if applied is not None:
            yield applied
        yield env.timeout(between(rng, SECOND, 40 * SECOND))
        desk.log_out(a, None, beats)

    def _forget(self, a: Agent, shift: Shift) -> Life:
        """Goes home without logging out; somebody notices hours later."""
        env, desk, rng = self._env, self._desk, self._rng
        a.away = True
        if rng.random() < 0.5:
            applied = desk.choose(a, pick(rng, self.world.custom))
            if applied is not None:
                yield applied
        yield env.timeout(shift.forgotten)
        while a.reserved or any(s.state in HANDLING for s in a.contacts):
            yield env.timeout(30 * SECOND)
        desk.log_out(a, pick(rng, (self.world.offline, None)), between(rng, 0, 60) * MINUTE)
