"""What is written when a contact is over: record, flow log, analysis, evaluation, truth row; and the figures."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from random import Random

from contactlake.testing.simulator.analysis import analysis_files
from contactlake.testing.simulator.chance import between, stream
from contactlake.testing.simulator.clock import MINUTE, SECOND
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.contact_records import analysed, record
from contactlake.testing.simulator.delivery import Delivery
from contactlake.testing.simulator.evaluations import evaluation, evaluation_time
from contactlake.testing.simulator.flow_logs import flow_log
from contactlake.testing.simulator.mess import Mess
from contactlake.testing.simulator.truth import Truth
from contactlake.testing.simulator.world import World

STREAMS = ("agent-events", "contact-records", "analysis", "flow-logs", "evaluations")
MESSY = ("agent-events", "contact-records", "flow-logs")


@dataclass
class Figures:
    """Sums behind a workforce analyst's figures, from the simulation's own state; they add up over centres."""

    contacts: int = 0
    voice_queued: int = 0
    voice_answered: int = 0
    voice_within_20: int = 0
    voice_abandoned: int = 0
    voice_wait_ms: int = 0
    voice_handled: int = 0
    voice_handle_ms: int = 0
    on_contact_ms: int = 0
    idle_ms: int = 0

    def add(self, other: Figures) -> None:
        """Add another centre's sums."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))


@dataclass
class Documents:
    """The streams of one centre and the way into them."""

    world: World
    seed: int
    root: Path
    tag: str
    messy: bool
    streams: dict[str, Delivery] = field(init=False)
    mess: dict[str, Mess] = field(init=False)

    def __post_init__(self) -> None:
        names = MESSY if self.messy else ()
        self.mess = {name: Mess(name, stream(self.seed, "mess", name, self.world.index)) for name in names}
        self.streams = {
            name: Delivery(
                self.root, name, self.tag, stream(self.seed, "delivery", name, self.world.index), self.mess.get(name)
            )
            for name in STREAMS
        }

    def close(self) -> None:
        """Write everything that still waits."""
        for delivery in self.streams.values():
            delivery.close()


class Outcome:
    """Writes what is final about contacts."""

    def __init__(self, documents: Documents, truth: Truth | None, rng: Random) -> None:
        self.figures = Figures()
        self._documents, self._truth, self._rng = documents, truth, rng
        self._world, self._streams = documents.world, documents.streams

    def flow_ended(self, c: Contact, at: int, last: str) -> None:
        """The contact has left its flow; log delivery brings all of its blocks now."""
        for _, text in flow_log(self._world, c, at, last):
            self._streams["flow-logs"].put(at + SECOND, text)

    def finish(self, c: Contact, now: int) -> None:
        """The contact is over and its after-contact work cleared."""
        self._count(c)
        if self._truth is not None:
            self._truth.contacts.add(truth_row(self._world, c))
        rng, updated, mark = self._rng, now, None
        if c.answered is not None and c.method != "MONITOR":
            if analysed(c) and c.left is not None and c.left - c.answered > 15 * SECOND:
                at = c.left + between(rng, 2 * MINUTE, 12 * MINUTE)
                for name, text in analysis_files(self._world, c, at, rng):
                    self._streams["analysis"].document_file(name, text)
            if rng.random() < 0.02:
                updated = evaluation_time(c, now, rng)
                name, text, mark = evaluation(self._world, c, updated, rng)
                self._streams["evaluations"].document_file(name, text)
        updated += between(rng, 2 * SECOND, 50 * SECOND)
        text = record(self._world, c, updated, mark)
        self._streams["contact-records"].put(updated + between(rng, 0, 20 * SECOND), text)

    def _count(self, c: Contact) -> None:
        f = self.figures
        f.contacts += 1
        if c.channel != "VOICE" or c.method == "MONITOR":
            return
        if c.answered is not None and c.left is not None:
            f.voice_handled += 1
            f.voice_handle_ms += (c.cleared or c.left) - c.answered
        if c.enqueued is None or c.method == "CALLBACK" or c.queue is None or c.queue.kind != "STANDARD":
            return
        f.voice_queued += 1
        f.voice_abandoned += c.abandoned
        if c.answered is not None and c.dequeued is not None:
            f.voice_answered += 1
            f.voice_wait_ms += c.dequeued - c.enqueued
            f.voice_within_20 += c.dequeued - c.enqueued < 20 * SECOND


def truth_row(world: World, c: Contact) -> tuple[object, ...]:
    """The contact's row of the truth table ``contact``."""
    out = c.transferred is not None or c.next_method in ("TRANSFER", "QUEUE_TRANSFER")
    return (
        world.id, c.id, c.channel, c.method, c.initiated, c.system, c.enqueued, c.dequeued, c.answered, c.left,
        c.wrapup, c.cleared, c.transferred, c.disconnected, c.agent.person.id if c.agent else None,
        c.queue.id if c.queue else None, c.queue.kind if c.queue else None, c.profile.id if c.profile else None,
        c.attempts, len(c.holds), c.hold_ms, max((e - s for s, e in c.holds), default=0), len(c.pauses), c.pause_ms,
        c.interaction_ms, c.reason, c.initial, c.previous, c.next, c.next_method, out,
        out and c.transferred_to is not None, c.hold_disconnect, c.abandoned, sum(e - s for s, e in c.watched),
    )  # fmt: skip
