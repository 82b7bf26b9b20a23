"""Runs the steps of a derivation on a DuckDB connection.

Knows relations and steps as data; it must not know any table's name or meaning. Whatever bounds the work (a subset of
agents, a stretch of time) is in the queries given as inputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from contactlake.model.step import Derivation, Step

Setting = int | bool | str


def run(
    con: duckdb.DuckDBPyConnection,
    derivation: Derivation,
    inputs: Mapping[str, str],
    rules: Mapping[str, Setting],
) -> None:
    """Makes every step of ``derivation`` a temporary table of ``con``; passing steps are gone afterwards.

    ``inputs`` gives a query for every input relation, ``rules`` the columns of the settings' one row. Running again
    replaces what a run before left.
    """
    for name in derivation.inputs:
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {inputs[name]}")
    columns = ", ".join(f"{_literal(value)} AS {name}" for name, value in rules.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {derivation.rules} AS SELECT {columns}")
    try:
        for number, step in enumerate(derivation.steps):
            make(con, step)
            for name in _last_used(derivation, number):
                con.execute(f"DROP TABLE IF EXISTS {name}")
    except BaseException:
        drop(con, derivation)
        raise


def drop(con: duckdb.DuckDBPyConnection, derivation: Derivation) -> None:
    """Drops whatever a run left on ``con``."""
    for step in derivation.steps:
        con.execute(f"DROP TABLE IF EXISTS temp.{step.name}")


def make(con: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Makes one step a temporary table."""
    if step.through is None:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {step.sql}")
        return
    made = step.through(con.execute(step.sql).fetchall())
    columns = ", ".join(f"{name} {kind}" for name, kind in step.columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} ({columns})")
    parts = ", ".join(f"UNNEST(CAST(? AS {kind}[]))" for _, kind in step.columns)
    for start in range(0, len(made), 50_000):
        rows = made[start : start + 50_000]
        con.execute(f"INSERT INTO {step.name} SELECT {parts}", [list(column) for column in zip(*rows, strict=True)])


def _last_used(derivation: Derivation, number: int) -> list[str]:
    """The passing steps that no step after ``number`` reads, and that this one or an earlier one did."""
    later = set(re.findall(r"\w+", " ".join(step.sql for step in derivation.steps[number + 1 :])))
    done = derivation.steps[: number + 1]
    return [s.name for s in done if s.name not in derivation.results and s.name not in later]


def _literal(value: Setting) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).upper() if isinstance(value, bool) else f"CAST({value} AS BIGINT)"
