"""Maintaining: what nobody needs leaves the disk, nothing else does, and the tables stay as they were."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from comparing import content, scalar
from pyiceberg.catalog.sql import SqlCatalog
from samples import contact_record, lines, mixed

from contactlake.lake import Lake
from contactlake.lake import open as open_lake

DAY = 86_400_000_000


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A lake in which the same contacts were updated three times: two thirds of its files are not current."""
    lake = open_lake(tmp_path / "lake")
    for version in range(3):
        source = tmp_path / f"in-{version}"
        source.write_bytes(lines([*(contact_record(n, version) for n in range(4)), *mixed(3, first=3 * version + 100)]))
        lake.ingest(source)
    return tmp_path / "lake"


def later(folder: Path, days: float, **settings: Any) -> Lake:
    return open_lake(folder, now=lambda: time.time_ns() // 1000 + int(days * DAY), **settings)


def snapshots(folder: Path, table: str) -> int:
    catalog = SqlCatalog("contactlake", uri=f"sqlite:///{folder / 'catalog.db'}", warehouse=f"file://{folder}")
    return len(catalog.load_table(f"connect_datalake.{table}").metadata.snapshots)


def files(folder: Path) -> set[Path]:
    return {p for p in (folder / "warehouse").rglob("*") if p.is_file()}


def test_replaced_files_leave_and_the_tables_stay(used: Path) -> None:
    before, held = content(open_lake(used)), files(used)
    assert snapshots(used, "contact_record") > 1
    planned = later(used, 8).maintain(dry=True)
    assert files(used) == held
    done = later(used, 8).maintain()
    assert [(d.table, d.snapshots) for d in done] == [(d.table, d.snapshots) for d in planned]
    assert snapshots(used, "contact_record") == 1
    gone = held - files(used)
    assert len([p for p in gone if p.suffix == ".parquet" and "contact_record" in p.parts]) > 0
    assert content(open_lake(used)) == before
    assert later(used, 8).maintain() == []
    current = {Path(f) for (f,) in _files_of(used)}
    assert current <= files(used)


def _files_of(folder: Path) -> list[tuple[str]]:
    catalog = SqlCatalog("contactlake", uri=f"sqlite:///{folder / 'catalog.db'}", warehouse=f"file://{folder}")
    tables = [catalog.load_table(name) for name in catalog.list_tables("connect_datalake")]
    return [(t.file.file_path.removeprefix("file://"),) for table in tables for t in table.scan().plan_files()]


def test_what_was_replaced_lately_stays_readable(used: Path) -> None:
    held = files(used)
    assert later(used, 6.9).maintain() == []
    assert files(used) == held
    assert later(used, 0.1, snapshot_days=0).maintain() != []


def test_days_past_retention_leave_the_tables_and_do_not_come_back(tmp_path: Path) -> None:
    days = [contact_record(n, InitiationTimestamp=f"2026-0{n}-01T00:00:00Z") for n in (1, 2, 3)]
    (tmp_path / "in").write_bytes(lines(days))
    lake = open_lake(tmp_path / "lake", now=lambda: 20_514 * DAY, retention_days=31)  # 2026-03-02
    lake.ingest(tmp_path / "in")
    (done,) = [d for d in lake.maintain() if d.table == "contact_record"]
    assert (done.rows, done.days) == (1, 1)
    assert scalar(lake, "SELECT min(initiation_timestamp)::VARCHAR FROM contact_record") == "2026-02-01 00:00:00+00"
    (tmp_path / "again").write_bytes(lines([*days, contact_record(4)]))
    assert lake.ingest(tmp_path / "again").duplicates == 3
    assert scalar(lake, "SELECT count(*) FROM contact_record WHERE initiation_timestamp < '2026-01-02'") == 0


def test_the_command(cli: Callable[..., Any], used: Path) -> None:
    Path(used / "contactlake.toml").write_text("snapshot_days = 0\n")
    told = json.loads(cli("maintain", "--dry-run", "--lake", used, "--format", "json").stdout)
    assert {"contact_record", "record_version"} <= {t["table"] for t in told}
    assert b"Removed." in cli("maintain", "--lake", used).stdout
    assert b"nothing to remove" in cli("maintain", "--lake", used).stdout
