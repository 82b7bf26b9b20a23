"""Column and Table: the vocabulary in which every table is declared once.

From a declaration come the storage schema, the decoder, dedupe, DDL, ``describe`` and the data dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from contactlake.model.types import STRING, Rule, Take, Type

PROCESSED_AT = "data_lake_last_processed_timestamp"
"""When a row's values last changed; filled by the build, never read from the stream (compare case-insensitively)."""


@dataclass(frozen=True)
class Column:
    """One column, declared once.

    name      as the vendor documents it
    type      see ``model.types``
    path      where the value stands in the raw record, keys joined by dots (``Agent.Username``); alternatives
              separated by `` | ``, the first that gives a value wins; None: the stream has no source for it.
              Beside the record stand ``@name.<group>`` (the file's name, see ``Stream.name_pattern``), ``@landed``
              (when the file was landed) and ``@digest`` (of the record's content)
    required  a record without it cannot be stored
    doc       what it means, in our words
    take      how the raw value becomes the column's value
    default   the value where no path gives one
    unit      ``ms`` … where the type does not say it
    since     the vendor version or date that introduced it, where known
    values    values seen (open sets)
    sensitive personal data
    """

    name: str
    type: Type = STRING
    path: str | None = None
    doc: str = ""
    required: bool = False
    take: Rule = Take.VALUE
    default: str | bool | None = None
    unit: str | None = None
    since: str | None = None
    values: tuple[str, ...] = ()
    sensitive: bool = False

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives of ``path``, each as a tuple of keys."""
        return tuple(tuple(p.strip().split(".")) for p in self.path.split("|")) if self.path else ()

    @property
    def nullable(self) -> bool:
        """Whether the documentation lets the column be null."""
        return not self.required


@dataclass(frozen=True)
class Table:
    """A table: its columns, keys and day partition.

    primary_key   columns that identify a row
    partition_by  the timestamp column whose UTC day partitions the table; None: one partition
    age_column    the column by which retention counts a row's age; None: it does not age
    ours          True for tables of contactlake's own (not in the vendor's documentation)
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    partition_by: str | None = None
    age_column: str | None = None
    ours: bool = False
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name.update({c.name: c for c in self.columns})
        named: Iterable[str] = (*self.primary_key, *(n for n in (self.partition_by, self.age_column) if n))
        if missing := [n for n in named if n not in self.by_name]:
            raise ValueError(f"table {self.name}: {missing} are not columns")
        if len(self.by_name) != len(self.columns):
            raise ValueError(f"table {self.name}: a column is declared twice")

    @property
    def processed_at(self) -> str | None:
        """The table's own spelling of its last-processed column, if it has one."""
        return next((c.name for c in self.columns if c.name.lower() == PROCESSED_AT), None)
