"""Deriving in passes: how the input is cut into parts, and what happens when one of the things done at once fails."""

import random

import duckdb
import pytest

from contactlake.build import parted
from contactlake.build.crew import Crew
from contactlake.model.step import Derivation, Passes, Step

PASSES = Passes(
    alone=Derivation(("_given",), "_rules", (Step("_part", "SELECT x FROM _given"),), ("_part",)),
    first=Derivation(
        inputs=(),
        rules="_rules",
        steps=(Step("_kept", "SELECT x + add AS x FROM _part, offset_of_all"), Step("_tens", "SELECT 10 AS ten")),
        results=("_kept", "_tens"),
    ),
    by_group={
        "_kept": "SELECT *, x % {groups} AS _group FROM _kept",
        "_tens": "SELECT DISTINCT x // ten AS x, {part} AS part, _group FROM _tens, ({_kept})",
    },
    second=Derivation(
        inputs=("_kept", "_tens"),
        rules="_rules",
        steps=(
            Step("made", "SELECT k.x, k.x * factor AS y FROM _rules, _kept AS k JOIN _tens AS t ON t.x = k.x // 10"),
        ),
        results=("made",),
    ),
)
SOURCES = [f"SELECT x FROM RANGE({n * 10}, {n * 10 + 10}) AS r(x)" for n in range(3)]


@pytest.fixture
def con():
    with duckdb.connect(config={"threads": 3}) as con:
        yield con


def threads(con):
    return con.execute("SELECT CURRENT_SETTING('threads')").fetchall()[0][0]


def passes(con, tmp_path, count, overall=None, sources=SOURCES):
    rows = []

    def offset(own):
        own.execute("CREATE TABLE offset_of_all AS SELECT 100 AS add")

    def take(own):
        rows.extend(own.execute("FROM made").fetchall())

    with Crew(con) as crew:
        folder = tmp_path / "x=9" / "_group=9" / "kept"  # as others call folders of Parquet files
        parted.in_passes(crew, PASSES, overall or offset, sources, count, {"factor": 2}, {}, take, folder)
    assert not folder.exists()
    return sorted(rows)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("sources", [SOURCES, SOURCES[:1], ["SELECT 1 AS x WHERE FALSE", *SOURCES]])
def test_every_row_comes_once_whatever_the_groups(con, tmp_path, count, sources):
    have = [row[0] for source in sources for row in con.execute(source).fetchall()]
    assert passes(con, tmp_path, count, sources=sources) == [(x + 100, 2 * x + 200) for x in sorted(have)]
    assert threads(con) == 3


@pytest.mark.parametrize("sources", [SOURCES, SOURCES[:1]])
def test_what_fails_beside_the_first_part_ends_all(con, tmp_path, sources):
    def overall(own):
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        passes(con, tmp_path, 2, overall, sources)
    assert threads(con) == 3


def test_a_part_that_fails_ends_all(con, tmp_path):
    with pytest.raises(duckdb.Error, match="nowhere"):
        passes(con, tmp_path, 2, sources=[*SOURCES, "SELECT x FROM nowhere"])
    assert threads(con) == 3


@pytest.mark.parametrize("seed", range(20))
def test_parts_have_every_row_once_and_no_millisecond_twice(con, tmp_path, monkeypatch, seed):
    chance = random.Random(seed)
    monkeypatch.setattr(parted, "PART_ROWS", 40)
    files, given = [], []
    for number in range(chance.randrange(8)):
        day, rows = chance.randrange(3), chance.choice([0, 3, 30, 100, 250])
        # few milliseconds: many rows share one, with different microseconds
        times = [day * 86_400_000_000 + chance.randrange(90_000) for _ in range(rows)]
        path = str(tmp_path / f"{number}'s.parquet")
        con.execute("CREATE OR REPLACE TABLE f (t TIMESTAMPTZ)")
        con.executemany("INSERT INTO f VALUES (MAKE_TIMESTAMPTZ(?))", [[t] for t in times or [-1]])
        con.execute(f"COPY (FROM f WHERE EPOCH_US(t) >= 0) TO '{parted.quoted(path)}'")
        files.append((day, path, rows))
        given += times
    found = [
        [row[0] for row in con.execute(f"SELECT EPOCH_US(t) FROM ({part})").fetchall()]
        for part in parted.parts(con, files, "t")
    ]
    assert sorted(t for part in found for t in part) == sorted(given)
    milliseconds = [t // 1000 for part in found for t in {t // 1000 * 1000 for t in part}]
    assert len(milliseconds) == len(set(milliseconds))
    assert max(map(len, found), default=0) <= 2 * 40 + 90
