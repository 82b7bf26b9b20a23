"""For tests of contactlake and of what is built on it: a contact centre whose truth is known.

``simulate`` writes the raw streams of a simulated centre and, on request, what really happened; the pytest fixtures
are in ``contactlake.testing.fixtures``. The engine (SimPy) is in the extra ``contactlake[simulator]``.
"""

from contactlake.testing.simulator.run import simulate
from contactlake.testing.simulator.summary import SimulationSummary

__all__ = ["SimulationSummary", "simulate"]
