"""Relation: the vocabulary in which it is said once that a column of one table names rows of another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """``table.column`` holds what ``to_table.to_column`` knows. A list holds several."""

    table: str
    column: str
    to_table: str
    to_column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} → {self.to_table}.{self.to_column}"
