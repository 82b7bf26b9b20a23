"""Step and Derivation: how tables are made from other tables, as data.

Owns the vocabulary only; who runs the steps, and on what, is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Step:
    """One relation made by one query from relations made before.

    name     the relation's name; names that begin with ``_`` are passing steps
    sql      the query; it names its inputs and nothing else
    through  what SQL says badly: takes the query's rows in the query's order and gives the relation's rows
    columns  with ``through``: the relation's columns, name and SQL type
    view     the relation is not made but computed where it is read: where making it costs more than reading it again
    """

    name: str
    sql: str
    through: Callable[[Iterable[Row]], Sequence[Row]] | None = None
    columns: tuple[tuple[str, str], ...] = ()
    view: bool = False


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


@dataclass(frozen=True)
class Passes:
    """A derivation in two passes: over parts of the input, then over groups of subjects.

    alone     of a part: what needs nothing but the part
    first     of a part, after ``alone`` and after what is found of all the input
    by_group  by result of ``first``, in the order in which they are made: the query for its rows with their ``_group``.
              ``{part}`` and ``{groups}`` stand for the part's number and the count of groups, a result's name in braces
              for the query that gives its rows of this part as they were made
    second    of a group: its inputs are the results of ``first``, and what the caller provides
    """

    alone: Derivation
    first: Derivation
    by_group: Mapping[str, str]
    second: Derivation


@dataclass(frozen=True)
class Input:
    """What a family reads of a table.

    table    the table
    columns  the columns that its steps name
    subject  an expression over a row: of which subject it tells. Only rows of the subjects asked for are given to the
             steps. None: all rows are given (for what is looked up beside the subjects' own rows)
    day      the expression is the number of the UTC day that the row's file is of: only those files are read
    beside   its rows only add to what other inputs tell: without those, there is nothing to derive
    """

    table: str
    columns: tuple[str, ...]
    subject: str | None = None
    day: bool = False
    beside: bool = False


@dataclass(frozen=True)
class Reach:
    """Which subjects are concerned when rows of a table are added or removed.

    columns  of the rows added and removed: what the query needs to know
    sql      a query over ``_change`` (those columns, and ``added``, a boolean) and over the family's inputs (there with
             all their rows) that gives one column, ``subject``; null is nobody
    """

    columns: tuple[str, ...]
    sql: str


@dataclass(frozen=True)
class Family:
    """Tables whose rows belong to subjects (a contact, an agent, a day) and are derived subject by subject.

    The rows of a subject are a function of the rows that ``inputs`` give for it, and of rows that are looked up. When
    a row that ``reach`` watches changes, the subjects that it concerns are derived again, whole, and no others.

    name        what it is called where it is remembered
    subject     an expression over a row of any result: the subject that it belongs to
    inputs      by the name of the relation in the steps
    derivation  the steps; their inputs are those of ``inputs``
    reach       by table (stored, or derived by a family before this one)
    """

    name: str
    subject: str
    inputs: Mapping[str, Input]
    derivation: Derivation
    reach: Mapping[str, Reach] = field(default_factory=dict)
