"""The accounts of a run, and who is told how it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Watcher(Protocol):
    """Who is told how a run goes on."""

    def total(self, bytes_: int) -> None:
        """How many bytes there are to take, as far as is known."""

    def landed(self, bytes_: int) -> None:
        """So many bytes were just taken."""

    def decoded(self, records: int, quarantined: int) -> None:
        """So many records were just decoded, so many of them into quarantine."""

    def say(self, sentence: str) -> None:
        """Something a person should know now."""


@dataclass
class Account:
    """The four counts: ``records == stored + duplicates + quarantined``."""

    records: int = 0
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0

    def add(self, other: Account) -> None:
        """Add another account to this one."""
        self.records += other.records
        self.stored += other.stored
        self.duplicates += other.duplicates
        self.quarantined += other.quarantined


@dataclass
class Summary(Account):
    """What an ingest run did.

    files       per source that was taken: its counts
    skipped     sources that add nothing: name and why
    resumed     objects that an earlier run had landed and not finished
    streams     counts by stream
    tables      per table: rows added to and removed from it
    reasons     quarantined records by reason code
    bytes       as delivered
    """

    files: dict[str, Account] = field(default_factory=dict)
    skipped: list[dict[str, str]] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    streams: dict[str, Account] = field(default_factory=dict)
    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
