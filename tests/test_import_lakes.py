"""Imported rows in lakes: accounts, keys, what is newer, quarantine, and rows that the lake derives itself."""

from __future__ import annotations

import gzip
import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from comparing import counts, scalar
from exports import EPOCH, FORMATS, all_of, export, exported, some_rows
from samples import contact_record, lines
from test_kill import STEPS

from contactlake.errors import UsageError
from contactlake.lake import Lake
from contactlake.lake import open as open_lake
from contactlake.model.types import BIGINT
from contactlake.pipeline import BY_NAME
from tests.lakes import Clock, centre, comparable, events_of, write

SHIFTS = "staff_shifts"
SHIFT_HEAD = b"instance_id,shift_id,shift_version,data_lake_last_processed_timestamp,agent_arn\n"
ASR = "agent_statistic_record"
Take = Callable[..., Any]


@pytest.fixture
def bring(tmp_path: Path) -> Take:
    """Import bytes into a table (each under a name of its own) and return the four counts."""
    numbers = itertools.count()

    def bring(lake: Lake, table: str, *contents: bytes) -> tuple[int, int, int, int]:
        paths = []
        for content in contents:
            paths.append(tmp_path / f"export-{next(numbers)}")
            paths[-1].write_bytes(content)
        return counts(lake.import_(table, *paths))

    return bring


# round trips ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["contact_record", "ai_session"])
def test_export_and_import_elsewhere(table: str, tmp_path: Path, bring: Take) -> None:
    lake = open_lake(tmp_path / "lake")
    assert bring(lake, table, exported(some_rows(table, 5, 6), "parquet")) == (6, 6, 0, 0)
    assert all_of(lake, table) == some_rows(table, 5, 6).to_pylist()
    elsewhere = open_lake(tmp_path / "elsewhere")
    for number, format_ in enumerate(FORMATS):  # the same rows again, whatever the format, are duplicates
        assert bring(elsewhere, table, export(lake, table, format_))[1:] == ((0, 6, 0) if number else (6, 0, 0))
        assert all_of(elsewhere, table) == all_of(lake, table)
    assert elsewhere.status()["records"] == 18


def test_an_export_of_nothing(lake: Lake, bring: Take) -> None:
    for format_ in FORMATS:
        assert bring(lake, SHIFTS, export(lake, SHIFTS, format_)) == (0, 0, 0, 0)
    assert bring(lake, SHIFTS, b"") == (0, 0, 0, 0)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_exports(pack: Callable[[bytes], bytes], lake: Lake, bring: Take) -> None:
    assert bring(lake, SHIFTS, pack(exported(some_rows(SHIFTS), "csv"))) == (3, 3, 0, 0)
    assert bring(lake, SHIFTS, pack(exported(some_rows(SHIFTS, 1), "json"))) == (3, 3, 0, 0)
    cut = pack(exported(some_rows(SHIFTS, 2, 2000), "csv"))[:-1000]
    records, stored, _, quarantined = bring(lake, SHIFTS, cut)
    assert stored > 0
    assert quarantined in (1, 2)
    assert records < 2002


# keys -----------------------------------------------------------------------------------------------------------------


def test_the_row_processed_last_stands_whatever_the_order(tmp_path: Path, bring: Take) -> None:
    at = [b"", b"2024-01-02T00:00:00Z", b"2024-01-03T00:00:00Z"]
    files = [SHIFT_HEAD + b"i,a,1," + stamp + b",agent %d\n" % n for n, stamp in enumerate(at)]
    for number, order in enumerate([files, files[::-1], files[1:] + files[:1]]):
        lake = open_lake(tmp_path / f"lake-{number}")
        if number % 2:
            assert bring(lake, SHIFTS, *order) == (3, 3, 0, 0)
        else:
            for file in order:
                assert bring(lake, SHIFTS, file) == (1, 1, 0, 0)
        assert [row["agent_arn"] for row in all_of(lake, SHIFTS)] == ["agent 2"]
    assert scalar(lake, "SELECT count(*) FROM record_version WHERE stream = 'import-staff_shifts'") == 3


def test_a_row_that_moves_to_another_day(lake: Lake, bring: Take) -> None:
    head = "instance_id,campaign_event_id,campaign_event_timestamp,data_lake_last_processed_timestamp"
    for n, day in enumerate(["2024-03-01T00:00:00Z", "", "2024-03-09T00:00:00Z"]):
        row = f"i,a,{day},2024-04-0{n + 1}T00:00:00Z"
        assert bring(lake, "outbound_campaign_events", f"{head}\n{row}\n".encode()) == (1, 1, 0, 0)
        (found,) = all_of(lake, "outbound_campaign_events")
        assert found["data_lake_last_processed_timestamp"].day == n + 1


def test_rows_without_a_processed_stamp_get_one(tmp_path: Path, bring: Take) -> None:
    lake = open_lake(tmp_path / "lake", now=Clock())
    bring(lake, SHIFTS, b"instance_id,shift_id,shift_version\ni,a,1\n")
    (row,) = all_of(lake, SHIFTS)
    assert row["data_lake_last_processed_timestamp"].year == 2023


def test_rows_of_a_stream_compete_with_its_records(tmp_path: Path, taken: Take, bring: Take) -> None:
    """A contact's newest version stands, delivered or imported; of equals the delivered one."""
    source = open_lake(tmp_path / "source")
    taken(source, lines([contact_record(1, 2), contact_record(2, 2)]))
    rows = source.query("SELECT * REPLACE ('imported' AS channel) FROM contact_record").arrow()
    records = lines([contact_record(1, 1), contact_record(2, 2)])
    for number, export_first in enumerate([True, False]):
        lake = open_lake(tmp_path / f"lake-{number}")
        steps = [
            lambda lake=lake: bring(lake, "contact_record", exported(rows, "csv")),
            lambda lake=lake: taken(lake, records),
        ]
        for step in steps if export_first else reversed(steps):
            step()
        assert sorted(r["channel"] for r in all_of(lake, "contact_record")) == ["VOICE", "imported"]
        assert scalar(lake, "SELECT count(*) FROM record_version") == 4


@pytest.mark.parametrize("version, moved", [(0, False), (1, False), (2, False), (2, True)])
def test_an_imported_contact_takes_the_analysis_of_an_older_record_with_it(
    version: int, moved: bool, tmp_path: Path, taken: Take, bring: Take
) -> None:
    """An export carries no results of an analysis; those of the other contact stay, whichever comes first."""
    source = open_lake(tmp_path / "source")
    elsewhen = {"InitiationTimestamp": "2025-01-02T03:04:05Z"} if moved else {}
    taken(source, lines([contact_record(1, version, **elsewhen)]))
    rows = exported(source.query("FROM contact_record").arrow(), "parquet")
    carried = {"ContactLens": {"Categories": ["Refund"]}}
    records = lines([contact_record(n, 1, **carried) for n in (1, 2)])
    ids = {contact_record(n)["ContactId"] for n in ((2,) if version > 1 else (1, 2))}
    lakes, tables = [], ("contact_record_analysis", "contact_lens_conversational_analytics")
    for number, export_first in enumerate([True, False]):
        lake = open_lake(tmp_path / f"lake-{number}", now=Clock())
        if export_first:
            bring(lake, "contact_record", rows)
        taken(lake, records)
        if not export_first:
            bring(lake, "contact_record", rows)
        for table in tables:
            assert {row["contact_id"] for row in all_of(lake, table)} == ids
        assert scalar(lake, "SELECT count(*) FROM contact_record") == 2
        assert lake.build().tables == {}
        lakes.append([comparable(lake, table) for table in tables])
    assert lakes[0] == lakes[1]


# quarantine -----------------------------------------------------------------------------------------------------------


def test_bad_rows_wait_and_good_neighbours_are_stored(lake: Lake, bring: Take, tmp_path: Path) -> None:
    bad = b"i,b,one,,\n"
    assert bring(lake, SHIFTS, SHIFT_HEAD + b"i,a,1,,\n" + bad + b"i,c,1,,\n") == (3, 2, 0, 1)
    (facts,) = lake.quarantine().list().rows()
    assert (facts["reason"], facts["stream"], facts["json_path"]) == (
        "bad_value",
        "import-staff_shifts",
        "shift_version",
    )
    assert facts["offset"] == len(SHIFT_HEAD) + 8
    assert b"".join(lake.quarantine().raw(facts["id"])) == bad.rstrip()
    assert counts(lake.retry_quarantine()) == (1, 0, 0, 1)


def test_rows_that_now_fit_leave_quarantine(tmp_path: Path, bring: Take) -> None:
    lake = open_lake(tmp_path / "lake", max_record_bytes=100)
    long = {"instance_id": "i", "shift_id": "b", "shift_version": 2, "agent_arn": "x" * 99}
    csv = SHIFT_HEAD + b"i,a,1,," + b"x" * 99 + b"\n" + b"i,c,3,,y\n"
    assert bring(lake, SHIFTS, csv, json.dumps(long).encode()) == (3, 1, 0, 2)
    lake = open_lake(tmp_path / "lake")
    assert counts(lake.retry_quarantine()) == (2, 2, 0, 0)
    assert [row["shift_version"] for row in all_of(lake, SHIFTS)] == [1, 2, 3]
    assert lake.status()["quarantine"] == []
    assert (lake.status()["stored"], lake.status()["records"]) == (3, 3)


def test_unknown_columns_are_counted(lake: Lake, bring: Take) -> None:
    assert bring(lake, SHIFTS, b"instance_id,shift_id,shift_version,mood\ni,a,1,good\ni,b,1,\n") == (2, 2, 0, 0)
    (field,) = lake.status()["unknown_fields"]
    assert (field["stream"], field["field"], field["records"]) == ("import-staff_shifts", "mood", 2)


# mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "content", "why"),
    [
        ("staff_shift", b"", "Did you mean staff_shifts?"),
        ("record_version", b"", "contactlake's own"),
        (SHIFTS, b"a,b\n1,2\n", "neither Parquet nor JSON, and no CSV"),
        (SHIFTS, b"PAR1 and then nothing", "damaged"),
    ],
)
def test_mistakes_leave_nothing_behind(table: str, content: bytes, why: str, lake: Lake, bring: Take) -> None:
    with pytest.raises(UsageError, match=why):
        bring(lake, table, SHIFT_HEAD + b"i,a,1,,\n", content)
    assert not (lake.folder / "ledger.db").exists() or lake.status()["objects"] == 0


def test_the_same_file_again_is_skipped_but_not_for_another_table(lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text(json.dumps({"instance_id": "i", "shift_id": "a", "shift_version": 1, "shift_activity_id": "x"}))
    assert counts(lake.ingest(file)) == (1, 0, 0, 1)  # no stream has such records
    assert counts(lake.import_("STAFF_SHIFTS", file)) == (1, 1, 0, 0)
    again = lake.import_("connect_datalake.staff_shifts", file)
    assert counts(again) == (0, 0, 0, 0)
    assert "same bytes" in again.skipped[0]["reason"]
    assert counts(lake.import_("staff_shift_activities", file)) == (1, 0, 0, 1)


# rows that the lake derives -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return events_of(centre(tmp_path_factory.mktemp("centre"), seed=5, agents=3, days=1))


def statistics(lake: Lake) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != BY_NAME[ASR].processed_at} for row in all_of(lake, ASR)]


def test_imported_statistics_stand_beside_derived_ones(
    events: list[dict[str, Any]], tmp_path: Path, bring: Take
) -> None:
    """Whatever comes first; derivation neither removes what was imported nor doubles it."""
    source = open_lake(tmp_path / "source")
    source.ingest(write(tmp_path / "events", events))
    changed = source.query(f"SELECT * REPLACE (online_time + 1 AS online_time) FROM {ASR} ORDER BY ALL LIMIT 3").arrow()
    foreign = changed.set_column(0, changed.schema.field(0), pa.array(["a", "b", "c"], changed.schema.types[0]))
    rows = exported(pa.concat_tables([changed, foreign]), "parquet")
    early, late = write(tmp_path / "early", events[::2]), write(tmp_path / "late", events[1::2])
    lakes = []
    for number, order in enumerate(["iel", "elib"]):
        lake = open_lake(tmp_path / f"lake-{number}")
        steps = {
            "i": lambda lake=lake: bring(lake, ASR, rows),
            "e": lambda lake=lake: lake.ingest(early),
            "l": lambda lake=lake: lake.ingest(late),
            "b": lambda lake=lake: lake.build(),
        }
        for step in order:
            steps[step]()
        lakes.append(statistics(lake))
    assert all(each == lakes[0] for each in lakes)
    imported = {row["asr_statistic_id"]: row["online_time"] for row in [*changed.to_pylist(), *foreign.to_pylist()]}
    expected = {row["asr_statistic_id"]: row["online_time"] for row in all_of(source, ASR)} | imported
    assert {row["asr_statistic_id"]: row["online_time"] for row in lakes[0]} == expected
    assert len(lakes[0]) == len(expected)


def test_imported_users_stand_and_derived_ones_give_way(
    events: list[dict[str, Any]], tmp_path: Path, bring: Take
) -> None:
    """Whatever comes first, users of events and imported ones are there once; what is imported later stands."""
    source = open_lake(tmp_path / "source", now=Clock())
    source.ingest(write(tmp_path / "events", events))
    derived = {row["user_id"]: row for row in all_of(source, "users")}
    someone = min(derived)
    given = [{**derived[someone], "first_name": "Exported", "agent_email": None, "mobile": "+44"}]
    given.append({**given[0], "user_id": "foreign"})
    schema = source.query("FROM users LIMIT 0").arrow().schema
    rows = exported(pa.Table.from_pylist(given, schema), "parquet")
    early, late = write(tmp_path / "early", events[::2]), write(tmp_path / "late", events[1::2])
    lakes = []
    for number, order in enumerate(["iel", "eil", "elib"]):
        lake = open_lake(tmp_path / f"lake-{number}", now=Clock())
        steps = {
            "i": lambda lake=lake: bring(lake, "users", rows),
            "e": lambda lake=lake: lake.ingest(early),
            "l": lambda lake=lake: lake.ingest(late),
            "b": lambda lake=lake: lake.build(),
        }
        for step in order:
            steps[step]()
        lakes.append(comparable(lake, "users"))
        found = {row["user_id"]: row for row in all_of(lake, "users")}
        assert found.keys() == {*derived, "foreign"}
        assert len(all_of(lake, "users")) == len(found)
        assert [found[row["user_id"]] for row in given] == given
        same = found.keys() - {someone, "foreign"}
        assert {u: found[u]["agent_username"] for u in same} == {u: derived[u]["agent_username"] for u in same}
        assert lake.build().tables == {}
        again = {
            **given[0],
            "first_name": "Again",
            "data_lake_last_processed_timestamp": EPOCH + timedelta(days=30_000),
        }
        bring(lake, "users", exported(pa.Table.from_pylist([again], schema), "csv"))
        assert {row["user_id"]: row["first_name"] for row in all_of(lake, "users")}[someone] == "Again"
    assert lakes[0] == lakes[1] == lakes[2]


def test_a_whole_lake_elsewhere(events: list[dict[str, Any]], tmp_path: Path, bring: Take) -> None:
    """Events and statistics exported and imported: nothing is derived twice, and all invariants hold."""
    source, elsewhere = open_lake(tmp_path / "source"), open_lake(tmp_path / "elsewhere")
    source.ingest(write(tmp_path / "events", events))
    tables = ["agent_event", ASR, "agent_queue_statistic_record"]
    for table, format_ in zip(tables, FORMATS, strict=True):
        bring(elsewhere, table, export(source, table, format_))
    for table in tables:
        assert all_of(elsewhere, table) == all_of(source, table)
    assert all_of(elsewhere, "agent_status_span") == all_of(source, "agent_status_span")
    assert elsewhere.check()["violations"] == []
    derived = elsewhere.build()
    assert derived.tables == {}
    with pytest.raises(UsageError, match="was imported"):
        elsewhere.explain(ASR, all_of(elsewhere, ASR)[0]["asr_statistic_id"])


def test_statistics_from_elsewhere_alone_break_no_rule(lake: Lake, bring: Take) -> None:
    times = {c.name: n for n, c in enumerate(BY_NAME[ASR].columns) if c.type is BIGINT}
    day = {"interval_start_time": EPOCH, "interval_end_time": EPOCH + timedelta(minutes=30), "user_id": "somebody"}
    assert bring(lake, ASR, exported(some_rows(ASR, 1, 3, **times, **day), "csv")) == (3, 3, 0, 0)
    assert lake.check()["violations"] == []


# the command line, and kills ------------------------------------------------------------------------------------------


def test_the_command(lake: Lake, cli: Any, tmp_path: Path) -> None:
    (tmp_path / "shifts.csv").write_bytes(SHIFT_HEAD + b"i,a,1,,x\ni,b,1.5,,x\n")
    done = cli("import", SHIFTS, "shifts.csv", "--lake", lake.folder, "--strict", "--format", "json")
    assert done.returncode == 4
    summary = json.loads(done.stdout)
    assert [summary[n] for n in ("records", "stored", "duplicates", "quarantined")] == [2, 1, 0, 1]
    done = cli("import", SHIFTS, "-", "--lake", lake.folder, stdin=SHIFT_HEAD + b"i,c,1,,x\n")
    assert b"1 records = 1 stored" in done.stdout
    done = cli("import", "shifts", "shifts.csv", "--lake", lake.folder)
    assert (done.returncode, b"staff_shifts" in done.stderr) == (2, True)
    done = cli("query", f"SELECT * FROM {SHIFTS}", "--format", "csv", "--lake", lake.folder)
    assert done.stdout == export(lake, SHIFTS, "csv")


def test_killed_around_every_step(tmp_path: Path) -> None:
    """An import that was killed is finished by the next run, as rows of the table it was meant for."""
    lake = open_lake(tmp_path / "lake")
    script = STEPS.replace(
        "open(sys.argv[1]).ingest(sys.argv[2])", f"open(sys.argv[1]).import_({SHIFTS!r}, sys.argv[2])"
    )
    for number, step in enumerate((3, 8, 13)):
        path = tmp_path / f"in-{number}"
        path.write_bytes(SHIFT_HEAD + b"i,a,1,,%d\ni,b %d,1,,\ni,c,x,,%d\n" % (number, number, number))
        done = subprocess.run(
            [sys.executable, "-c", script, str(lake.folder), str(path), str(step)], capture_output=True, timeout=120
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        counts(lake.import_(SHIFTS, path))
        facts = lake.status()
        assert (facts["records"], facts["quarantined"], facts["waiting"]) == (3 * (number + 1), number + 1, 0)
        assert len(all_of(lake, SHIFTS)) == 2 + number


# what people ask ------------------------------------------------------------------------------------------------------


def test_queries_over_schedules(lake: Lake, bring: Take) -> None:
    """Scheduled minutes by agent and day, as published queries over the scheduling tables count them."""
    shifts = ["instance_id,shift_id,shift_version,agent_arn,shift_start_timestamp,shift_end_timestamp,is_deleted"]
    activities = ["instance_id,shift_id,shift_version,activity_id,activity_start_timestamp,activity_end_timestamp"]
    for n in range(4):
        begin, end = f"2024-03-0{n + 1}T08:00:00Z", f"2024-03-0{n + 1}T16:00:00Z"
        shifts += [f"i,s{n},{v},agent/{n % 2},{begin},{end},{'true' if v == 1 and n == 3 else 'false'}" for v in (0, 1)]
        activities.append(f"i,s{n},1,lunch,{begin},2024-03-0{n + 1}T08:30:00Z")
    assert bring(lake, SHIFTS, "\n".join(shifts).encode())[3] == 0
    assert bring(lake, "staff_shift_activities", "\n".join(activities).encode())[3] == 0
    found = lake.query(
        """
        WITH latest AS (
          SELECT *, row_number() OVER (PARTITION BY instance_id, shift_id ORDER BY shift_version DESC) AS n
          FROM connect_datalake.staff_shifts)
        SELECT agent_arn, sum(epoch(shift_end_timestamp - shift_start_timestamp) / 60)::BIGINT AS minutes,
          sum(epoch(a.activity_end_timestamp - a.activity_start_timestamp) / 60)::BIGINT AS lunch
        FROM latest LEFT JOIN staff_shift_activities a USING (instance_id, shift_id, shift_version)
        WHERE n = 1 AND NOT latest.is_deleted GROUP BY ALL ORDER BY ALL
        """
    ).rows()
    assert found == [
        {"agent_arn": "agent/0", "minutes": 960, "lunch": 60},
        {"agent_arn": "agent/1", "minutes": 480, "lunch": 30},
    ]
