"""Two processes at once: both succeed, one after the other, and say so."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from comparing import content, scalar
from filelock import FileLock
from samples import lines, mixed

from contactlake.lake import open as open_lake


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "contactlake", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_three_writers_at_once(tmp_path: Path) -> None:
    """Overlapping inputs: every record is stored by exactly one of them."""
    parts = [mixed(40), mixed(40, first=20), mixed(40)]
    for n, part in enumerate(parts):
        (tmp_path / f"in-{n}").write_bytes(lines(part) + b"\n" * n)
    running = [start(tmp_path, "ingest", f"in-{n}", "--format", "json") for n in range(3)]
    done = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], done
    summaries = [json.loads(out) for out, _ in done]
    assert sum(s["records"] for s in summaries) == 120
    assert sum(s["stored"] for s in summaries) == 60
    assert sum(s["duplicates"] for s in summaries) == 60
    clean = open_lake(tmp_path / "clean")
    clean.ingest(*(tmp_path / f"in-{n}" for n in range(3)))
    assert content(open_lake(tmp_path / "lake")) == content(clean)


def test_who_waits_says_so_and_readers_do_not_wait(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(lines(mixed(4)))
    lake = open_lake(tmp_path / "lake")
    lake.folder.mkdir()
    lock = FileLock(lake.folder / ".lock")
    with lock:
        waiting = start(tmp_path, "ingest", "in")
        assert waiting.stderr is not None
        assert b"waiting" in waiting.stderr.readline()
        reading = start(tmp_path, "query", "SELECT count(*) AS n FROM agent_event", "--format", "json")
        out, _ = reading.communicate(timeout=60)
        assert json.loads(out) == [{"n": 0}]
        assert waiting.poll() is None
    assert waiting.wait(timeout=60) == 0
    assert scalar(lake, "SELECT count(*) FROM record_version") == 4


def test_reading_while_writing(tmp_path: Path) -> None:
    """A reader sees a table before or after a batch, never in between, and never fails."""
    lake = open_lake(tmp_path / "lake")
    for n in range(4):
        (tmp_path / f"in-{n}").write_bytes(lines(mixed(10, first=10 * n)))
    lake.ingest(tmp_path / "in-0")
    writer = subprocess.Popen(
        [sys.executable, "-c", "import sys\nfrom contactlake.lake import open\nfor f in sys.argv[2:]: open(sys.argv[1]).ingest(f)",
         str(lake.folder), *(str(tmp_path / f"in-{n}") for n in (1, 2, 3))]
    )  # fmt: skip
    seen = set()
    end = time.monotonic() + 60
    while writer.poll() is None and time.monotonic() < end:
        seen.add(scalar(lake, "SELECT count(*) FROM agent_event"))
    assert writer.wait(timeout=60) == 0
    seen.add(scalar(lake, "SELECT count(*) FROM agent_event"))
    assert seen <= {5, 10, 15, 20}
    assert 20 in seen
