"""Runs a derivation: its steps in order, each a temporary table made by one query. Never names a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from contactlake.model.step import Derivation, Step

if TYPE_CHECKING:
    import duckdb


def run(
    con: duckdb.DuckDBPyConnection,
    derivation: Derivation,
    inputs: Mapping[str, str],
    rules: Mapping[str, Any],
    keep: Collection[str] = (),
    shared: bool = False,
) -> None:
    """Make the derivation's results, and the steps named in ``keep``, as temporary tables.

    ``shared``: the results can be read by other connections to the database, too.

    ``inputs`` gives a query for every input, ``rules`` the settings. A passing step is dropped after its last reader.
    """
    con.execute("SET TimeZone = 'UTC'")
    names = ", ".join(f'? AS "{name}"' for name in rules)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {derivation.rules} AS SELECT {names}", list(rules.values()))
    for name in derivation.inputs:
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {inputs[name]}")
    reads = _reads(derivation.steps)
    kept = {*derivation.results, *keep}
    kept |= {name for step in derivation.steps if step.view and step.name in kept for name in reads[step.name]}
    passing = [step.name for step in derivation.steps if not step.view and step.name not in kept]
    for number, step in enumerate(derivation.steps):
        _make(con, step, shared=shared and step.name in derivation.results)
        later = {step.name for step in derivation.steps[number + 1 :]}
        for name in passing:
            if name in reads[step.name] | {step.name} and not any(name in reads[other] for other in later):
                con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def prepare(con: duckdb.DuckDBPyConnection, derivation: Derivation) -> None:
    """Parse the queries of a derivation before it runs, while there is time: they are parsed once in a process."""
    for step in derivation.steps:
        _parsed(con, _making(step, shared=False))


@cache
def _reads(steps: tuple[Step, ...]) -> dict[str, set[str]]:
    """By step: what it reads, also through views."""
    views: set[str] = set()
    reads: dict[str, set[str]] = {}
    for step in steps:
        words = set(re.findall(r"\w+", step.sql))
        reads[step.name] = words.union(*(reads[name] for name in views & words))
        if step.view:
            views.add(step.name)
    return reads


_statements: dict[str, duckdb.Statement] = {}


def _parsed(con: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    """A quarter of what it takes to plan a query is parsing it, which is the same for every connection."""
    if query not in _statements:
        (_statements[query],) = con.extract_statements(query)
    return _statements[query]


def _making(step: Step, shared: bool) -> str:
    if step.through is not None:
        return step.sql
    kind = "TEMP VIEW" if step.view else "TABLE" if shared else "TEMP TABLE"
    return f"CREATE OR REPLACE {kind} {step.name} AS {step.sql}"


def _make(con: duckdb.DuckDBPyConnection, step: Step, shared: bool) -> None:
    if shared:
        con.execute(f"DROP TABLE IF EXISTS temp.{step.name}")  # it would stand before the shared one
    made = con.execute(_parsed(con, _making(step, shared)))
    if step.through is None:
        return
    rows = step.through(made.fetchall())
    columns = ", ".join(f"{name} {type_}" for name, type_ in step.columns)
    con.execute(f"CREATE OR REPLACE {'TABLE' if shared else 'TEMP TABLE'} {step.name} ({columns})")
    if rows:
        names = [name for name, _ in step.columns]
        made = pa.table({name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)})
        con.register("_made_in_python", made)
        con.execute(f"INSERT INTO {step.name} BY NAME FROM _made_in_python")
        con.unregister("_made_in_python")
