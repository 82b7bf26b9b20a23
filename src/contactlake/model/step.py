"""Step and Derivation: how tables are made from other tables, as data.

Owns the vocabulary only; who runs the steps, and on what, is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Step:
    """One relation made by one query from relations made before.

    name     the relation's name; names that begin with ``_`` are passing steps
    sql      the query; it names its inputs and nothing else
    through  what SQL says badly: takes the query's rows in the query's order and gives the relation's rows
    columns  with ``through``: the relation's columns, name and SQL type
    """

    name: str
    sql: str
    through: Callable[[Iterable[Row]], Sequence[Row]] | None = None
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Derivation:
    """Tables derived together from the same steps.

    inputs   relations that the caller provides
    rules    the one-row relation of settings, also provided by the caller
    steps    in the order in which they run
    results  the steps that are tables; the others can be dropped when all have run
    """

    inputs: tuple[str, ...]
    rules: str
    steps: tuple[Step, ...]
    results: tuple[str, ...]
