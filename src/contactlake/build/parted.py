"""Derives in two passes what does not fit in memory: over parts of the input, then over groups of subjects.

The first pass leaves of every part what the second needs, already cut into groups. Never names a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from contactlake.build.derive import run
from contactlake.model.step import Derivation

PART_ROWS = 400_000
"""Rows of a part, about: the first pass holds as many at a time."""
GROUP_ROWS = 500_000
"""Rows of the input, about, that a group comes from."""


def parts(days: Mapping[int, int], part_rows: int) -> list[tuple[int, ...]]:
    """Days (with their rows) that follow each other, put together to parts of about ``part_rows``."""
    made: list[list[int]] = []
    rows = part_rows
    for day in sorted(days):
        if rows + days[day] > part_rows:
            made.append([])
            rows = 0
        made[-1].append(day)
        rows += days[day]
    return [tuple(part) for part in made]


def stretches(con: duckdb.DuckDBPyConnection, source: str, time: str, rows: int, part_rows: int) -> Iterator[str]:
    """Queries that together give the ``rows`` rows of ``source``, each for a stretch of ``time`` (a column of instants)
    that has about ``part_rows``. No millisecond is in two of them; rows without time are in none, but where one query
    gives all."""
    count = -(-rows // part_rows)
    if count <= 1:
        yield source
        return
    shares = ", ".join(str(n / count) for n in range(1, count))
    cuts = f"SELECT QUANTILE_DISC(EPOCH_US({time}) // 1000, [{shares}]) FROM ({source})"
    bounds = sorted({cut * 1000 for cut in con.execute(cuts).fetchall()[0][0] or ()})
    for start, end in zip([None, *bounds], [*bounds, None], strict=True):
        within = ["TRUE"] if start is None else [f"{time} >= MAKE_TIMESTAMPTZ({start})"]
        within += [f"{time} < MAKE_TIMESTAMPTZ({end})"] if end is not None else []
        yield f"SELECT * FROM ({source}) WHERE {' AND '.join(within)}"


def groups_by_parts(
    con: duckdb.DuckDBPyConnection,
    sources: Iterator[str],
    first: Derivation,
    rules: Mapping[str, Any],
    cut: Mapping[str, str],
    count: int,
) -> Iterator[dict[str, str]]:
    """The inputs (by name, a query) of the second pass, for one group after the other.

    ``sources`` are queries for the parts of the first pass's only input. ``cut`` gives, by result of the first pass,
    the query for its rows with their ``_group``; ``{part}`` and ``{groups}`` in it stand for the part's number and
    ``count``. Use up a group's inputs before asking for the next.
    """
    for part, source in enumerate(sources):
        run(con, first, {first.inputs[0]: source}, rules)
        for name in first.results:
            con.execute(f"CREATE OR REPLACE TEMP TABLE _cut AS {cut[name].format(part=part, groups=count)}")
            for group in range(count):
                make = f"INSERT INTO {name}_{group}" if part else f"CREATE OR REPLACE TEMP TABLE {name}_{group} AS"
                con.execute(f"{make} SELECT * EXCLUDE (_group) FROM _cut WHERE _group = {group}")
        con.execute("DROP TABLE _cut")
    for name in first.results:
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")
    for group in range(count):
        yield {name: f"SELECT * FROM {name}_{group}" for name in first.results}
        for name in first.results:
            con.execute(f"DROP VIEW IF EXISTS temp.{name}")
            con.execute(f"DROP TABLE temp.{name}_{group}")
