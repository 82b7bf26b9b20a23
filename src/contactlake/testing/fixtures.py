"""pytest fixtures: a simulated contact centre in other people's tests.

In a ``conftest.py``: ``pytest_plugins = ["contactlake.testing.fixtures"]``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contactlake.testing.simulator.run import simulate
from contactlake.testing.simulator.summary import SimulationSummary


@dataclass(frozen=True)
class SimulatedCentre:
    """A finished simulation: where its streams are, what was written, and what really happened."""

    path: Path
    summary: SimulationSummary

    def truth(self, table: str) -> Any:
        """A truth table (``agent_status_span``, ``agent_contact_span``, ``contact``) as a pyarrow table."""
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.path / "truth" / f"{table}.parquet").read()


@pytest.fixture(scope="session")
def simulated_centre(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., SimulatedCentre]:
    """Simulate a contact centre with its truth: ``simulated_centre(agents=20, seed=3)``.

    Takes the arguments of ``contactlake.testing.simulate`` except ``out`` and ``truth``; the same arguments give the
    same centre, simulated once in a test session.
    """
    made: dict[str, SimulatedCentre] = {}

    def make(**options: Any) -> SimulatedCentre:
        key = repr(sorted(options.items()))
        if key not in made:
            path = tmp_path_factory.mktemp("centre")
            made[key] = SimulatedCentre(path, simulate(path, truth=True, **options))
        return made[key]

    return make
