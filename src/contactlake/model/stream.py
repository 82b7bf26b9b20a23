"""Stream: how a raw record is recognised, and which table it fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

IMPORT = "import-"
"""How the names of streams begin whose records are exported rows, see ``Stream.is_import``."""


@dataclass(frozen=True)
class Also:
    """A second table that some records of a stream fill besides their own; a row comes and goes with the record's row.

    table  its name; it has the key and the partition of the stream's table
    needs  its columns of which a record must give one to have a row there
    """

    table: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Repeat:
    """Sub-documents of one kind that stand unchanged in many records; each distinct one is decoded once.

    paths   where they stand: in the record, or in the sub-document around them (all paths have equally many keys)
    within  what repeats inside them
    """

    paths: tuple[str, ...]
    within: tuple[Repeat, ...] = ()


@dataclass(frozen=True)
class Stream:
    """A raw stream of the vendor.

    name       the stream's name, also in messages and in quarantine
    table      name of the table that a record becomes one row of
    marks      sets of top-level keys; a record that has all keys of any one set belongs to this stream …
    never      … unless it has one of these …
    says       … or has other values at these top-level keys. A record of such a stream that carries a known record is
               only that record's envelope
    event_time column of ``table`` that holds the record's event time (required; its day is the partition); None where
               records need none
    version    column whose greatest value wins among records of one key (ties: the greater content hash)
    name_pattern  regular expression, searched in the file's name; columns take its groups by the path ``@name.<group>``
    uncolumned documented paths that no column takes; they stay in the raw record and are not reported as unknown
    also       a second table that some of the records fill
    repeats    sub-documents that stand unchanged in many records
    keys       the stream with which this one shares its keys: their records are versions of each other
    day        where there is no event time: the column whose day is the partition, where it has a value; None: there
               are no partitions
    """

    name: str
    table: str
    marks: tuple[frozenset[str], ...]
    event_time: str | None
    version: str
    never: frozenset[str] = frozenset()
    says: tuple[tuple[str, str], ...] = ()
    name_pattern: str | None = None
    also: Also | None = None
    repeats: tuple[Repeat, ...] = ()
    uncolumned: tuple[str, ...] = ()
    keys: str | None = None
    day: str | None = None

    @property
    def day_column(self) -> str | None:
        """The column whose UTC day partitions the table."""
        return self.event_time or self.day

    @property
    def is_import(self) -> bool:
        """Whether records are rows of an export."""
        return self.name.startswith(IMPORT)

    def recognises(self, keys: frozenset[str] | set[str]) -> bool:
        """Whether a record with these top-level keys belongs to this stream, if it says what it must."""
        return any(m <= keys for m in self.marks) and not (self.never & keys)

    def hears(self, record: Mapping[str, Any]) -> bool:
        """Whether the record says what records of this stream say."""
        return all(record.get(key) == text for key, text in self.says)
