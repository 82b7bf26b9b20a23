"""When contacts come: a process per kind of work whose rate follows the staff on duty, hour and weekday.

A centre is staffed for its demand, so demand is drawn from the planned staff: enough work for a normal occupancy at
this size (small groups need more slack), times a slow wave that no planner foresaw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

import simpy

from contactlake.testing.simulator.chance import EXPONENTIAL, exp, normal_quantile, pick
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.lives import Life, Lives
from contactlake.testing.simulator.shifts import SLOT
from contactlake.testing.simulator.world import World

LOAD_MS = {"voice": 300_000, "chat": 500_000, "work": 300_000}
"""What one arrival costs an agent in the mean, with ringing, transfers and the agents' own calls."""
AT_ONCE = {"voice": 1.0, "chat": 1.25, "work": 1.25}
"""How many contacts an agent really handles side by side."""
WAVES = tuple(exp(0.13 * normal_quantile((i + 0.5) / 32)) for i in range(32))


def share(pool: str, agents: float) -> float:
    """The part of the staff's time that arrivals take."""
    slack, most = (0.9, 0.91) if pool == "voice" else (0.8, 0.72)
    return max(0.35, min(most, 1.0 - slack / math.sqrt(agents + 0.5)))


def arrivals(
    env: simpy.Environment, pool: str, staffing: Mapping[int, int], lives: Lives, world: World, rng: Random, end: int
) -> Life:
    """Contacts of one kind of work until ``end``; ``staffing`` gives the planned agent milliseconds of a slot."""
    wave = 1.0
    while int(env.now) < end:
        now = int(env.now)
        slot = now // SLOT
        if now % SLOT == 0:
            wave = 0.75 * wave + 0.25 * pick(rng, WAVES) * pick(rng, WAVES)
        agents = staffing.get(slot, 0) / SLOT
        gap = SLOT
        if agents >= 0.6:
            mean = LOAD_MS[pool] / (agents * AT_ONCE[pool] * share(pool, agents) * wave)
            gap = EXPONENTIAL.draw(rng) * int(mean) // 1_000_000 + 1
        if now + gap >= (slot + 1) * SLOT:
            yield env.timeout((slot + 1) * SLOT - now)
            continue
        yield env.timeout(gap)
        env.process(lives.arrive(_contact(pool, lives, world, rng)))


def _contact(pool: str, lives: Lives, world: World, rng: Random) -> Contact:
    """One arrival of this kind of work."""
    queues, chance = world.queues, rng.random()
    if pool == "chat":
        return lives.make("CHAT", "API", queues[4 if chance < 0.4 else 5])
    if pool == "work":
        if chance < 0.6:
            task = lives.make("TASK", "API" if chance < 0.5 else "FLOW", queues[6])
            task.scheduled = task.initiated if chance < 0.05 else None
            return task
        return lives.make("EMAIL", "INBOUND", queues[7])
    method = "WEBRTC_API" if chance < 0.03 else "API" if chance < 0.045 else "INBOUND"
    return lives.make("VOICE", method, queues[pick(rng, (0, 0, 1, 1, 2, 3))])
