"""A contact while it lives: its exact times and what was decided about it. No documents, no engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contactlake.testing.simulator.world import Group, Profile, Queue

if TYPE_CHECKING:
    from contactlake.testing.simulator.desk import Agent

HANDLING = frozenset({"CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "ENDED"})
FAILED = frozenset({"MISSED", "REJECTED", "ERROR"})
AGENT_STARTED = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY"})


@dataclass(slots=True, eq=False)
class Contact:
    """One contact; all times are milliseconds since 1970, None where it did not happen."""

    id: str
    channel: str
    method: str
    initiated: int
    customer: str
    subtype: str
    bits: int
    """Random bits by which the contact's documents differ (optional keys, attributes)."""
    queue: Queue | None = None
    initial: str | None = None
    previous: str | None = None
    next: str | None = None
    next_method: str | None = None
    related: str | None = None
    system: int | None = None
    enqueued: int | None = None
    dequeued: int | None = None
    answered: int | None = None
    left: int | None = None
    """When the agent's leg ended."""
    wrapup: int | None = None
    cleared: int | None = None
    """End of after-contact work."""
    transferred: int | None = None
    transferred_to: str | None = None
    disconnected: int | None = None
    reason: str | None = None
    agent: Agent | None = None
    profile: Profile | None = None
    group: Group | None = None
    attempts: int = 0
    holds: list[tuple[int, int]] = field(default_factory=list)
    pauses: list[tuple[int, int]] = field(default_factory=list)
    watched: list[tuple[int, int]] = field(default_factory=list)
    hold_disconnect: bool = False
    abandoned: bool = False
    level: int = 0
    """Proficiency in Spanish that the first routing step asks for; 0: no routing criteria."""
    level_until: int = 0
    campaign: str | None = None
    scheduled: int | None = None
    patience: int = 0
    offer: Any = None
    """The engine's event that an agent's reservation (or the loss of patience) triggers."""
    over: Any = None
    """The engine's event that a monitoring agent waits for."""
    appearances: dict[int, int] = field(default_factory=dict)

    @property
    def hold_ms(self) -> int:
        """Time on hold."""
        return sum(end - start for start, end in self.holds)

    @property
    def pause_ms(self) -> int:
        """Time paused."""
        return sum(end - start for start, end in self.pauses)

    @property
    def interaction_ms(self) -> int | None:
        """Time with the agent, without hold and pause."""
        if self.answered is None or self.left is None:
            return None
        return self.left - self.answered - self.hold_ms - self.pause_ms
