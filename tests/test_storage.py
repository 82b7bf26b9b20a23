"""Storage: any Iceberg reader sees the same rows, days and types, with nothing of ours in between."""

from __future__ import annotations

import datetime
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comparing import scalar
from pyarrow import types
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile, ManifestFile
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table as IcebergTable
from pyiceberg.transforms import DayTransform, IdentityTransform
from pyiceberg.types import LongType, TimestamptzType
from samples import agent_event, contact_record, lines

from contactlake.errors import ContactlakeError
from contactlake.lake import Lake
from contactlake.lake import open as open_lake
from contactlake.storage import committing
from contactlake.storage.committing import data_files
from contactlake.storage.store import Plan, Store
from contactlake.tables import BY_NAME, TABLES

SPANS = BY_NAME["agent_status_span"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return fill(tmp_path_factory.mktemp("filled"))


def fill(folder: Path) -> Lake:
    far = [contact_record(n, InitiationTimestamp=f"2026-0{n}-01T00:00:00Z") for n in range(1, 5)]
    (folder / "a").write_bytes(lines([*(agent_event(n) for n in range(20)), *far]) + b"{broken")
    (folder / "b").write_bytes(
        lines([contact_record(1, 1, InitiationTimestamp="2026-09-09T23:59:59.999Z"), agent_event(3)])
    )
    lake = open_lake(folder / "lake")
    lake.ingest(folder / "a")
    lake.ingest(folder / "b")
    return lake


def catalog(lake: Lake) -> SqlCatalog:
    return catalog_of(lake.folder)


def catalog_of(folder: Path) -> SqlCatalog:
    return SqlCatalog("contactlake", uri=f"sqlite:///{folder / 'catalog.db'}", warehouse=f"file://{folder}/warehouse")


@pytest.mark.parametrize("table", ["agent_event", "contact_record", "quarantine", "record_version"])
def test_iceberg_alone_reads_the_same(filled: Lake, table: str) -> None:
    theirs = catalog(filled).load_table(f"connect_datalake.{table}").scan().to_arrow()
    ours = filled.query(f"SELECT * FROM {table}").arrow()
    assert theirs.column_names == ours.column_names

    # PyIceberg shows a missing list or map of structs as an empty one; the files hold null (see the next test)
    blurred = {f.name for f in ours.schema if types.is_nested(f.type) and "struct<" in str(f.type)}

    def plain(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(repr({k: v or None if k in blurred else v for k, v in row.items()}) for row in rows)

    assert theirs.num_rows > 0
    assert plain(theirs.to_pylist()) == plain(ours.to_pylist())


def test_files_hold_what_queries_show(filled: Lake) -> None:
    """Null stays null in the files themselves, whatever a reader makes of it."""
    loaded = catalog(filled).load_table("connect_datalake.contact_record")
    found: list[str] = []
    for task in loaded.scan().plan_files():
        found += map(repr, pq.read_table(task.file.file_path.removeprefix("file://")).to_pylist())
    assert sorted(found) == sorted(map(repr, filled.query("SELECT * FROM contact_record").rows()))


def test_only_tables_with_rows_exist(filled: Lake) -> None:
    found = {name for _, name in catalog(filled).list_tables("connect_datalake")}
    assert {"agent_event", "contact_record", "quarantine", "record_version"} <= found < {t.name for t in TABLES}
    for name in found:
        assert filled.query(f"SELECT count(*) AS n FROM {name}").rows()[0]["n"] > 0, name


@pytest.mark.parametrize(
    ("table", "column"), [("agent_event", "event_timestamp"), ("contact_record", "initiation_timestamp")]
)
def test_day_partition_and_types(filled: Lake, table: str, column: str) -> None:
    loaded = catalog(filled).load_table(f"connect_datalake.{table}")
    (field,) = loaded.spec().fields
    assert isinstance(field.transform, DayTransform)
    assert field.source_id == loaded.schema().find_field(column).field_id
    assert isinstance(loaded.schema().find_field(column).field_type, TimestamptzType)
    for task in loaded.scan().plan_files():  # every file holds rows of its day only
        path = task.file.file_path.removeprefix("file://")
        assert Path(path).exists()
        days = filled_days(filled, table, column, path)
        assert days == {task.file.partition[0]}


def filled_days(lake: Lake, table: str, column: str, path: str) -> set[Any]:
    values = pq.read_table(path, columns=[column]).column(0).to_pylist()
    return {(v.date() - datetime.date(1970, 1, 1)).days for v in values}


def test_bigints_are_longs(filled: Lake) -> None:
    schema = catalog(filled).load_table("connect_datalake.contact_record").schema()
    assert isinstance(schema.find_field("queue_duration_ms").field_type, LongType)


def test_a_filter_on_the_day_prunes(filled: Lake) -> None:
    loaded = catalog(filled).load_table("connect_datalake.contact_record")
    found = loaded.scan(row_filter="initiation_timestamp >= '2026-09-01T00:00:00+00:00'")
    assert len(list(found.plan_files())) == 1
    assert found.to_arrow().num_rows == 1


def test_earlier_snapshots_stay_readable(filled: Lake) -> None:
    loaded = catalog(filled).load_table("connect_datalake.contact_record")
    first = loaded.history()[0].snapshot_id
    before = loaded.scan(snapshot_id=first).to_arrow()
    assert before.num_rows == 4
    moved = before.filter(before.column("contact_id").is_valid()).column("initiation_timestamp").to_pylist()
    assert max(moved).month == 4
    assert scalar(filled, "SELECT max(initiation_timestamp)::VARCHAR FROM contact_record").startswith(
        "2026-09-09 23:59:59.999"
    )


def test_deletes_of_another_engine_are_respected(tmp_path: Path) -> None:
    """A row that another engine deleted is not shown."""
    (tmp_path / "in").write_bytes(lines([contact_record(n) for n in range(3)]))
    lake = open_lake(tmp_path / "lake")
    lake.ingest(tmp_path / "in")
    loaded = catalog(lake).load_table("connect_datalake.contact_record")
    loaded.delete(f"contact_id = '{contact_record(1)['ContactId']}'")
    assert scalar(lake, "SELECT count(*) FROM contact_record") == 2


def test_entries_of_files_are_those_that_pyiceberg_makes(filled: Lake, tmp_path: Path) -> None:
    """Whatever files come together: of one schema, of an older one with fewer columns, and not of the table."""
    table = catalog(filled).load_table("connect_datalake.contact_record")
    paths = [f.path for f in Store(filled.folder).plan("contact_record").files]
    older = str(tmp_path / "older.parquet")
    pq.write_table(pq.ParquetFile(paths[0]).read().drop_columns(["queue_name"]), older)
    given = [*paths, older, *reversed(paths)]
    ours = [repr(entry) for entry in data_files(table, given)]
    assert ours == [repr(parquet_file_to_data_file(table.io, table.metadata, f"file://{path}")) for path in given]
    assert len(paths) > 2 and len(set(ours)) == len(paths) + 1
    foreign = str(tmp_path / "foreign.parquet")
    pq.write_table(pa.table({"x": [1]}), foreign)
    with pytest.raises(ValueError):
        list(data_files(table, [paths[0], foreign]))


def span_file(store: Store, day: int, name: str) -> str:
    """A data file of spans where it is to stand, of one row."""
    path = Path(store.data_path(SPANS.name, day, f"{name}.parquet"))
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {"instance_id": "i", "user_id": name, "start_time": datetime.timedelta(days=day) + EPOCH}
    pq.write_table(pa.Table.from_pylist([row], schema=store.file_schema(SPANS)), path, store_schema=False)
    return str(path)


def spans(folder: Path) -> IcebergTable:
    """The table of spans as another engine sees it."""
    return catalog_of(folder).load_table(f"connect_datalake.{SPANS.name}")


def test_files_of_many_days_are_replaced_at_once(tmp_path: Path) -> None:
    """Each is found in the manifest that names it, however the threads take turns."""
    table, store = SPANS, Store(tmp_path)
    before = [span_file(store, day, "before") for day in range(20_000, 20_016)]
    for path in before:
        store.commit(table, [path], [], path)
    there = before[::3]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns as often as they can
    try:
        for number in range(6):
            gone, there = there, [span_file(store, day, f"after-{number}") for day in range(20_000, 20_016, 3)]
            store.commit(table, there, gone, f"batch {number}")
    finally:
        sys.setswitchinterval(interval)
    files = {f.path for f in store.plan(table.name).files}
    assert files == {*before} - {*before[::3]} | {*there}


def test_what_is_remembered_is_what_a_scan_finds(tmp_path: Path) -> None:
    """A commit tells the files from those before; also after another engine's, and when it is carried out again."""
    lake = fill(tmp_path)
    store, name = Store(lake.folder), "contact_record"

    def scanned() -> Plan:
        shutil.rmtree(lake.folder / "cache")
        return Store(lake.folder).plan(name)

    remembered = store.plan(name)
    assert remembered.files and remembered == scanned()
    first, *rest = remembered.files
    store.commit(BY_NAME[name], [], [first.path], "one is taken away")
    assert store.plan(name).files == tuple(rest)
    assert store.plan(name) == scanned()
    store.commit(BY_NAME[name], [], [first.path], "one is taken away")
    assert store.plan(name) == scanned()
    store.commit(BY_NAME[name], [first.path], [rest[0].path], "and comes back for another")
    assert store.plan(name) == scanned() != remembered
    gone = contact_record(1)["ContactId"]
    catalog(lake).load_table(f"connect_datalake.{name}").delete(f"contact_id = '{gone}'")
    store.commit(BY_NAME[name], [rest[0].path], [], "after another engine")
    assert store.plan(name) == scanned()
    assert len({first, *rest} & {*store.plan(name).files}) == len(rest)


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_every_snapshot_is_what_it_was(tmp_path: Path, seed: int) -> None:
    """Files come, are replaced and go, over several days, some by another engine, some batches are carried out twice."""
    chance, store = random.Random(seed), Store(tmp_path)
    live: set[str] = set()
    then: dict[int | None, set[str]] = {}
    for number in range(60):
        if number % 9 == 5:
            theirs = span_file(store, 20_002, f"{number}-theirs")
            spans(tmp_path).add_files([theirs])
            live = live | {theirs}
            then[spans(tmp_path).metadata.current_snapshot_id] = live
        fresh = [span_file(store, 20_000 + chance.randrange(5), f"{number}-{n}") for n in range(chance.randint(1, 2))]
        gone = chance.sample(sorted(live), min(len(live), chance.randrange(4)))
        for _ in range(1 + number % 2):
            store.commit(SPANS, fresh, gone, f"batch {number}")
        live = live - {*gone} | {*fresh}
        then[spans(tmp_path).metadata.current_snapshot_id] = live
        assert {f.path for f in store.plan(SPANS.name).files} == live
    table = spans(tmp_path)
    assert {s.snapshot_id for s in table.metadata.snapshots} == then.keys() and len(then) == 60 + 7
    for snapshot in table.metadata.snapshots:
        there = then[snapshot.snapshot_id]
        assert snapshot.summary is not None and snapshot.summary["total-data-files"] == str(len(there))
        manifests = snapshot.manifests(table.io)
        assert len(manifests) < 10
        own = snapshot.snapshot_id
        assert all(m.has_added_files() or m.has_existing_files() or m.added_snapshot_id == own for m in manifests)
        rows = table.scan(snapshot_id=snapshot.snapshot_id, selected_fields=("user_id",)).to_arrow()
        assert sorted(rows.column(0).to_pylist()) == sorted(Path(path).stem for path in there)


def test_files_that_another_engine_partitioned_otherwise_are_replaced(tmp_path: Path) -> None:
    """What stands in place of their day is no day."""
    store = Store(tmp_path)
    first, second, third = (span_file(store, 20_000, name) for name in ("first", "second", "third"))
    store.commit(SPANS, [first], [], "batch 1")
    with spans(tmp_path).update_spec() as update:
        update.remove_field(spans(tmp_path).spec().fields[0].name)
        update.add_field("user_id", IdentityTransform())
    store.commit(SPANS, [second], [], "batch 2")
    store.commit(SPANS, [third], [second], "batch 3")
    assert {f.path for f in store.plan(SPANS.name).files} == {first, third}
    assert sorted(spans(tmp_path).scan().to_arrow()["user_id"].to_pylist()) == ["first", "third"]


@pytest.mark.parametrize("replaces", [False, True])
@pytest.mark.parametrize("adds", [False, True])
def test_another_engine_commits_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaces: bool, adds: bool
) -> None:
    """The commit comes after the other; only where files are replaced that new ones may concern it is not made."""
    store = Store(tmp_path)
    first, second, third, theirs = (span_file(store, 20_000, name) for name in ("first", "second", "third", "theirs"))
    store.commit(SPANS, [first, third], [], "batch 1")
    gone = [first] if replaces else []
    there = {first, second, *([third, theirs] if adds else [])} - {*gone}

    def slow(table: IcebergTable, paths: list[str]) -> Iterator[DataFile]:
        if adds:
            spans(tmp_path).add_files([theirs])
        else:
            spans(tmp_path).delete("user_id = 'third'")
        return data_files(table, paths)

    with monkeypatch.context() as patched:
        patched.setattr(committing, "data_files", slow)
        if replaces and adds:
            with pytest.raises(ContactlakeError, match="changed by another engine during the commit; nothing is lost"):
                store.commit(SPANS, [second], gone, "batch 2")
            assert {f.path for f in store.plan(SPANS.name).files} == {first, third, theirs}
        else:
            store.commit(SPANS, [second], gone, "batch 2")
            assert {f.path for f in store.plan(SPANS.name).files} == there
    store.commit(SPANS, [second], gone, "batch 2")
    assert {f.path for f in store.plan(SPANS.name).files} == there
    rows = spans(tmp_path).scan(selected_fields=("user_id",)).to_arrow()
    assert sorted(rows.column(0).to_pylist()) == sorted(Path(path).stem for path in there)


def test_a_replacement_reads_once_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table's metadata, and the manifests of the day."""
    paths = [span_file(Store(tmp_path), day, "before") for day in range(20_000, 20_004)]
    for path in paths:
        Store(tmp_path).commit(SPANS, [path], [], path)
    read = []

    def counted(owner: type, name: str) -> None:
        inner = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, **named: read.append(name) or inner(*given, **named))

    store, after = Store(tmp_path), span_file(Store(tmp_path), 20_001, "after")
    counted(FromInputFile, "table_metadata")
    counted(ManifestFile, "fetch_manifest_entry")
    store.commit(SPANS, [after], [paths[1]], "batch")
    assert sorted(read) == ["fetch_manifest_entry", "table_metadata"]
    assert {f.path for f in store.plan(SPANS.name).files} == {*paths, after} - {paths[1]}
