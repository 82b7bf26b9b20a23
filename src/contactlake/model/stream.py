"""Stream: how a raw record is recognised, and which table it fills."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stream:
    """A raw stream of the vendor.

    name       the stream's name, also in messages and in quarantine
    table      name of the table that a record becomes one row of
    marks      sets of top-level keys; a record that has all keys of any one set belongs to this stream …
    never      … unless it has one of these
    event_time column of ``table`` that holds the record's event time (required; its day is the partition)
    version    column whose greatest value wins among records of one key (ties: the greater content hash)
    uncolumned documented paths that no column takes; they stay in the raw record and are not reported as unknown
    repeats    paths of sub-documents that stand unchanged in many records; each distinct one is decoded once
    """

    name: str
    table: str
    marks: tuple[frozenset[str], ...]
    event_time: str
    version: str
    never: frozenset[str] = frozenset()
    repeats: tuple[str, ...] = ()
    uncolumned: tuple[str, ...] = ()

    def recognises(self, keys: frozenset[str] | set[str]) -> bool:
        """Whether a record with these top-level keys belongs to this stream."""
        return any(m <= keys for m in self.marks) and not (self.never & keys)
