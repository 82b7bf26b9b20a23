"""Statistics in the lake: ingest derives what its input changes, and afterwards all is as built at once."""

from __future__ import annotations

import dataclasses

import pytest

import contactlake
from contactlake import deriving, writing
from contactlake.build import parted, replace
from contactlake.landing.ledger import Ledger
from contactlake.pipeline import BY_NAME
from tests import truth_statistics
from tests.lakes import SPANS, STATISTICS, Clock, centre, comparable, events_of, files, pieces, rows, write

TABLES = (*SPANS, *STATISTICS)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return events_of(centre(tmp_path_factory.mktemp("centre"), 5))


def lake_of(folder, *parts, **settings):
    """A lake into which the parts were ingested one after the other."""
    lake = contactlake.open(folder, now=Clock(), **settings)
    for number, part in enumerate(parts):
        lake.ingest(write(folder.parent / f"{folder.name}-{number}.jsonl", part))
    return lake


def same(one, other):
    for table in TABLES:
        assert comparable(one, table) == comparable(other, table), table


@pytest.fixture(scope="module")
def whole(events, tmp_path_factory):
    """The lake that took everything at once."""
    return lake_of(tmp_path_factory.mktemp("whole") / "lake", events)


# ---------------------------------------------------------------- the truth


def check_truth(folder, seed):
    source = centre(folder / "raw", seed)
    lake = lake_of(folder / "lake", events_of(source))
    assert truth_statistics.differences(source / "truth", lake) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_cell_is_the_truth(tmp_path, seed):
    check_truth(tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_every_cell_is_the_truth_long(tmp_path, seed):
    source = centre(tmp_path / "raw", seed, agents=20, days=4)
    lake = lake_of(tmp_path / "lake", events_of(source))
    assert truth_statistics.differences(source / "truth", lake) == []


# ---------------------------------------------------------------- in pieces


def test_ten_runs_give_the_same_tables(events, whole, tmp_path):
    same(lake_of(tmp_path / "lake", *pieces(events, 10, 1)), whole)


def test_a_build_in_many_parts_gives_the_same_tables(events, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(parted, "PART_ROWS", len(events) // 7)
    monkeypatch.setattr(parted, "GROUP_ROWS", len(events) // 3)
    monkeypatch.setattr(replace, "_SORTED_ROWS", 40)
    lake = lake_of(tmp_path / "lake", events)
    assert len(list((tmp_path / "lake").rglob("agent_event/**/*.parquet"))) > 1
    same(lake, whole)


def test_runs_in_order_of_time_give_the_same_tables(events, whole, tmp_path):
    ordered = sorted(events, key=lambda e: e["EventTimestamp"])
    size = len(ordered) // 6
    same(lake_of(tmp_path / "lake", *(ordered[i : i + size] for i in range(0, len(ordered), size))), whole)


def test_a_thousand_files_give_the_same_tables(events, whole, tmp_path):
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    for number, part in enumerate(pieces(events, 1_000, 2)):
        write(tmp_path / "parts" / f"{number}.jsonl", part)
    lake.ingest(tmp_path / "parts")
    same(lake, whole)


@pytest.mark.soak
def test_a_thousand_runs_give_the_same_tables(events, whole, tmp_path):
    same(lake_of(tmp_path / "lake", *pieces(events, 1_000, 2)), whole)


@pytest.mark.parametrize("seed", [1, 3])
def test_late_events_change_only_rows_that_differ(events, whole, tmp_path, seed):
    at = len(events) // 5 * seed
    late = events[at : at + 3]
    lake = lake_of(tmp_path / "lake", events[:at] + events[at + 3 :])
    before = {t: {key_of(t, r): r for r in rows(lake, t)} for t in STATISTICS}
    lake.ingest(write(tmp_path / "late.jsonl", late))
    same(lake, whole)
    for table in STATISTICS:
        for row in rows(lake, table):
            former = before[table].get(key_of(table, row))
            if former is not None and without_time(former) == without_time(row):
                assert row["at"] == former["at"]
            else:
                assert former is None or row["at"] > former["at"]
    moved = sum(r["at"] != before[t].get(key_of(t, r), {}).get("at") for t in STATISTICS for r in rows(lake, t))
    assert moved < sum(len(b) for b in before.values()) / 4


def key_of(table, row):
    return row["asr_statistic_id" if table == "agent_statistic_record" else "aqsr_statistic_id"]


def without_time(row):
    return {k: v for k, v in row.items() if k != "at"}


# ---------------------------------------------------------------- again


def test_deriving_again_touches_nothing(whole):
    before = files(whole)
    made = whole.build()
    assert made.tables == {}
    assert whole.build("2025-03-03", "2025-03-03").tables == {}
    assert files(whole) == before


def test_a_day_that_was_damaged_is_built_again(events, whole, tmp_path):
    from contactlake.pipeline import BY_NAME
    from contactlake.storage.store import Store

    lake = lake_of(tmp_path / "lake", events)
    store = Store(lake.folder)
    for table in TABLES:
        gone = [f.path for f in store.plan(table).files if f.day == max(g.day for g in store.plan(table).files)]
        store.commit(BY_NAME[table], [], gone, "damage")
    day = max(r["start_time"] for r in rows(whole, "agent_status_span")).date().isoformat()
    lake.build(day, None)
    same(lake, whole)


def test_numbers_can_be_given_anew_in_order_of_time(events, whole, tmp_path):
    lake = lake_of(tmp_path / "lake", *pieces(events, 3, 9))
    lake.build(renumber=True)
    whole.build(renumber=True)
    columns = "instance_id, status_id, number"
    ask = f"SELECT {columns} FROM agent_status ORDER BY ALL"
    assert lake.query(ask).rows() == whole.query(ask).rows()
    same(lake, whole)


# ---------------------------------------------------------------- settings


def test_a_changed_setting_is_said_and_built(events, tmp_path):
    lake = lake_of(tmp_path / "lake", events[:-1])
    changed = contactlake.open(tmp_path / "lake", now=Clock(), interval_minutes=30, contacts_handled="routed")
    heard = Heard()
    changed.ingest(write(tmp_path / "last.jsonl", events[-1:]), watcher=heard)
    assert any(s.startswith("interval_minutes was 15 and is 30 now") for s in heard.said)
    assert any(s.startswith("contacts_handled was all and is routed now") for s in heard.said)
    same(lake, lake_of(tmp_path / "other", events, interval_minutes=30, contacts_handled="routed"))


class Heard:
    def __init__(self):
        self.said = []

    def say(self, sentence):
        self.said.append(sentence)

    def total(self, bytes_): ...

    def landed(self, bytes_): ...

    def decoded(self, records, quarantined): ...


# ---------------------------------------------------------------- killed


@pytest.mark.parametrize("where", ["before the plan", "in the middle of the plan"])
def test_what_a_killed_run_did_not_derive_is_derived_next_time(events, whole, tmp_path, monkeypatch, where):
    class Killed(BaseException):
        pass

    def stop(*_):
        raise Killed

    lake = lake_of(tmp_path / "lake", events[:-50])
    with monkeypatch.context() as patched:
        if where == "before the plan":
            patched.setattr(deriving.Deriving, "_carry_out", stop)
        else:
            patched.setattr(deriving, "carry_out", stop)
        with pytest.raises(Killed):
            lake.ingest(write(tmp_path / "rest.jsonl", events[-50:]))
    lake.ingest(write(tmp_path / "again.jsonl", events[-1:]))
    same(lake, whole)
    ledger = Ledger(lake.folder / "ledger.db")
    assert ledger.pending() == []
    ledger.close()
    assert list((lake.folder / "changes").glob("*/*.parquet")) == []


def test_a_lake_made_before_a_column_was_known(tmp_path, monkeypatch):
    """Stored rows without a column that is derived today are compared as if they had null there."""
    events = events_of(centre(tmp_path / "s", seed=4, agents=2, days=1))
    table = BY_NAME["agent_contact_span"]
    fewer = dataclasses.replace(table, columns=tuple(c for c in table.columns if c.name != "still_open"))
    lake = contactlake.open(tmp_path / "lake")
    with monkeypatch.context() as patched:
        patched.setitem(BY_NAME, table.name, fewer)
        patched.setattr(deriving, "FAMILIES", ())
        lake.ingest(write(tmp_path / "first.jsonl", events[:-40]))
    lake.ingest(write(tmp_path / "second.jsonl", events[-40:]))
    lake.build()
    whole = contactlake.open(tmp_path / "whole")
    whole.ingest(write(tmp_path / "all.jsonl", events))
    same(lake, whole)


def test_where_memory_does_not_suffice_more_is_taken(events, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(deriving, "_MEMORY", ("500KB", "1MB", "600MB"))
    said = []
    monkeypatch.setattr(writing.Silent, "say", lambda _, sentence: said.append(sentence))
    same(lake_of(tmp_path / "lake", events), whole)
    assert said == [f"Deriving needs more memory than it took: once more with {more}." for more in ("1MB", "600MB")]
