"""Where ids stand: every file that has an id is named, whatever was added, removed, torn or left behind."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactlake.storage import whereabouts
from contactlake.storage.whereabouts import Whereabouts, _key

IDS = [f"id-{n}" for n in range(30)] + ["", "é", "'"]
ids = st.lists(st.sampled_from(IDS), max_size=6)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.tuples(ids, ids), min_size=1, max_size=4)),
        st.tuples(st.just("remove"), st.integers(0, 5)),
        st.tuples(st.just("catch up"), st.none()),
        st.tuples(st.just("tear"), st.integers(0, 3)),
    ),
    max_size=12,
)


def test_keys_are_those_that_the_engine_makes():
    for text in IDS:
        assert duckdb.execute("SELECT md5_number_lower(?)", [text]).fetchall() == [(_key(text),)]


@pytest.mark.parametrize("few, batch", [(1_000, 65_536), (0, 65_536), (1_000, 3)])
@settings(max_examples=15)
@given(acts=acts)
def test_every_file_that_has_an_id_is_named(tmp_path_factory, few, batch, acts):
    folder = tmp_path_factory.mktemp("where")
    where = Whereabouts(folder, "things", ["a", "b"])
    live: dict[str, set[str]] = {}
    made = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(whereabouts, "_FEW_IDS", few)
        patched.setattr(whereabouts, "_BATCH_ROWS", batch)
        for act, what in acts:
            caught_up = False
            match act:
                case "add":
                    for first, second in what:
                        path, made = str(folder / f"{made}.parquet"), made + 1
                        both = [*((x, None) for x in first), *((None, y) for y in second), (None, None)]
                        columns = {"a": [x for x, _ in both], "b": [y for _, y in both]}
                        pq.write_table(pa.table(columns, pa.schema([("a", pa.string()), ("b", pa.string())])), path)
                        live[path] = {*first, *second}
                case "remove":
                    for path in sorted(live)[:what]:
                        del live[path]
                case "catch up":
                    where.catch_up({path: len(found) + 1 for path, found in live.items()})
                    caught_up = True
                case "tear":
                    for path in sorted(where.folder.glob("*.arrow"))[:what]:
                        path.write_bytes(path.read_bytes()[: random.Random(what).randrange(40)])
            for asked in ([IDS[3]], IDS[5:9], ["not there"], IDS):
                having = {path for path, found in live.items() if found & set(asked)}
                named = where.holding(asked, live)
                assert having <= named <= live.keys()
                if caught_up:
                    assert named == having
    assert len(list(where.folder.glob("*.arrow"))) <= 2 * (made + 1)


def test_segments_stay_few(tmp_path):
    where = Whereabouts(tmp_path, "things", ["a"])
    live = {}
    for n in range(60):
        path = str(tmp_path / f"{n}.parquet")
        pq.write_table(pa.table({"a": [f"id-{n}-{i}" for i in range(20)]}), path)
        live[path] = 20
        where.catch_up(live)
        assert len(where._segments()) <= 7
    assert where.holding(["id-17-3"], live) == {str(tmp_path / "17.parquet")}
    gone = dict(list(live.items())[50:])
    assert where.holding(["id-17-3"], gone) == set()
