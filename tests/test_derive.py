"""Running a derivation: its queries are parsed once in a process, and mean the tables of whoever runs them."""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from contactlake.build import derive
from contactlake.model.step import Derivation, Step

SQUARES = Derivation(
    inputs=("_given",),
    rules="_rules",
    steps=(
        Step("_few", "SELECT x FROM _given, _rules WHERE x < least_left_out", view=True),
        Step("_reversed", "SELECT x FROM _few ORDER BY x", through=lambda rows: rows[::-1], columns=(("x", "BIGINT"),)),
        Step("squared", "SELECT x * x AS y FROM _reversed"),
    ),
    results=("squared",),
)


def squares(con, count, shared=False):
    rules = {"least_left_out": 100}
    derive.run(con, SQUARES, {"_given": f"SELECT x FROM RANGE({count}) AS r(x)"}, rules, shared=shared)
    return sorted(y for (y,) in con.execute("FROM squared").fetchall())


def test_queries_parsed_for_one_database_serve_others_after_it_is_closed():
    for count in (3, 0, 7):
        with duckdb.connect() as con:
            derive.prepare(con, SQUARES)
            assert squares(con, count) == [x * x for x in range(count)]


def test_a_parsed_query_is_run_by_several_connections_at_once():
    def one(count):
        with duckdb.connect() as con:
            return [squares(con, count) for _ in range(20)]

    with ThreadPoolExecutor(4) as pool:
        for count, found in zip(range(8), pool.map(one, range(8)), strict=True):
            assert found == [[x * x for x in range(count)]] * 20


def test_shared_results_are_seen_by_others_and_others_are_not():
    with duckdb.connect() as con, con.cursor() as other:
        assert squares(con, 4) == [0, 1, 4, 9]
        with pytest.raises(duckdb.CatalogException):
            other.execute("FROM squared")
        assert squares(con, 3, shared=True) == [0, 1, 4]
        assert sorted(other.execute("FROM squared").fetchall()) == [(0,), (1,), (4,)]


def test_every_query_is_parsed_once():
    parsed = []

    class Counting:
        def __init__(self, con):
            self.con = con

        def __getattr__(self, name):
            return getattr(self.con, name)

        def extract_statements(self, query):
            parsed.append(query)
            return self.con.extract_statements(query)

    derivation = Derivation((), "_rules", (Step("only_here", "SELECT 1 AS x"),), ("only_here",))
    with duckdb.connect() as con:
        derive.prepare(Counting(con), derivation)
        for _ in range(3):
            derive.run(Counting(con), derivation, {}, {"rule": 1})
    assert len(parsed) == 1
