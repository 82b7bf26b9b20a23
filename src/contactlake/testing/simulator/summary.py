"""What a simulation has written, and the figures that a workforce analyst looks at first."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from contactlake.testing.simulator.outcome import STREAMS, Figures


def _ratio(numerator: int, denominator: int) -> float | None:
    """Percent, one decimal; nothing by nothing is null."""
    return round(100 * numerator / denominator, 1) if denominator else None


@dataclass
class SimulationSummary:
    """Documents and bytes per stream (bytes before compression), what went wrong on purpose, and the figures."""

    agents: int
    days: int
    seed: int
    start: str
    profile: str
    instances: int
    documents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STREAMS, 0))
    bytes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STREAMS, 0))
    mess: dict[str, dict[str, Any]] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)

    @property
    def kpis(self) -> dict[str, float | int | None]:
        """Service level, abandonment, speed of answer and handle time of calls; occupancy of all agents."""
        f = self.figures
        seconds = {
            "average_speed_of_answer_seconds": (f.voice_wait_ms, f.voice_answered),
            "average_handle_time_seconds": (f.voice_handle_ms, f.voice_handled),
        }
        return {
            "contacts": f.contacts,
            "service_level_20s_percent": _ratio(f.voice_within_20, f.voice_queued),
            "abandonment_percent": _ratio(f.voice_abandoned, f.voice_queued),
            "occupancy_percent": _ratio(f.on_contact_ms, f.on_contact_ms + f.idle_ms),
            **{name: round(ms / n / 1000, 1) if n else None for name, (ms, n) in seconds.items()},
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        return {**asdict(self), "kpis": self.kpis}
