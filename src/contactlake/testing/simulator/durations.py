"""How long things take: flows, ringing, talk, hold, pauses, after-contact work, patience. Figures only."""

from __future__ import annotations

from contactlake.testing.simulator.chance import Quantiles, lognormal
from contactlake.testing.simulator.clock import HOUR, MINUTE, SECOND

FLOW = lognormal(24 * SECOND, 0.6, 4 * SECOND, 2 * MINUTE)
RING = lognormal(4500, 0.5, 900, 17 * SECOND)
HOLD = lognormal(42 * SECOND, 0.6, 5 * SECOND, 6 * MINUTE)
PAUSE = lognormal(6 * MINUTE, 0.6, 30 * SECOND, 25 * MINUTE)
TALK = {
    "VOICE": lognormal(215 * SECOND, 0.65, 12 * SECOND, 40 * MINUTE),
    "CHAT": lognormal(430 * SECOND, 0.6, 25 * SECOND, 40 * MINUTE),
    "TASK": lognormal(240 * SECOND, 0.7, 15 * SECOND, 30 * MINUTE),
    "EMAIL": lognormal(200 * SECOND, 0.7, 20 * SECOND, 30 * MINUTE),
}
WRAP_UP = {
    "VOICE": lognormal(34 * SECOND, 0.7, 1500, 6 * MINUTE),
    "CHAT": lognormal(20 * SECOND, 0.7, 1500, 4 * MINUTE),
    "TASK": lognormal(9 * SECOND, 0.7, 1000, MINUTE),
    "EMAIL": lognormal(9 * SECOND, 0.7, 1000, MINUTE),
}
NO_WRAP_UP = {"VOICE": 0.04, "CHAT": 0.15, "TASK": 0.5, "EMAIL": 0.5}
PATIENCE: dict[str, Quantiles] = {
    "VOICE": lognormal(90 * SECOND, 1.0, 3 * SECOND, 20 * MINUTE),
    "CHAT": lognormal(200 * SECOND, 0.8, 10 * SECOND, 30 * MINUTE),
    "TASK": lognormal(6 * HOUR, 0.2, 3 * HOUR, 9 * HOUR),
    "EMAIL": lognormal(7 * HOUR, 0.2, 4 * HOUR, 10 * HOUR),
}
NEVER = 1 << 62
