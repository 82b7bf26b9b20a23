"""kill -9 at any moment: nothing is lost, nothing doubled, and the next run goes on."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import psutil
import pytest
from comparing import content, counts, scalar
from samples import contact_record, lines, mixed, text

from contactlake.lake import Lake
from contactlake.lake import open as open_lake

RUN = """
import sys
from contactlake.lake import open
lake = open(sys.argv[1])
print("ready", flush=True)
for source in sys.argv[2:]:
    lake.ingest(source)
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("inputs")
    contents = [
        lines(mixed(400)) + b"{broken\n" + text(contact_record(2, 1)),
        b"".join(text(r) for r in mixed(200, first=300)),
        gzip.compress(lines([contact_record(n, 2) for n in range(0, 300, 2)]) + b"null\n", mtime=0),
        lines([contact_record(n, 3, InitiationTimestamp="2026-05-05T00:00:00Z") for n in range(0, 50, 2)]),
    ]
    paths = []
    for n, data in enumerate(contents):
        path = folder / f"in-{n}"
        path.write_bytes(data)
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def clean(inputs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = open_lake(tmp_path_factory.mktemp("clean") / "lake")
    for path in inputs:
        counts(lake.ingest(path))
    return lake


def killed_after(seconds: float, lake: Path, paths: list[Path], run: str = RUN) -> bool:
    """Ingest in a process of its own and kill it so long after it began; returns whether it was killed in time."""
    process = subprocess.Popen(
        [sys.executable, "-c", run, str(lake), *map(str, paths)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return alive


def check_after(lake: Lake, paths: list[Path], clean: Lake) -> None:
    """A reader sees whole batches; the next run finishes; the lake is what it would have been without the kills."""
    assert scalar(lake, "SELECT count(*) - count(DISTINCT contact_id) FROM contact_record") == 0
    for path in paths:
        counts(lake.ingest(path))
    assert content(lake) == content(clean)
    keys = "reason, raw"
    assert (
        lake.query(f"SELECT {keys} FROM quarantine ORDER BY ALL").rows()
        == clean.query(f"SELECT {keys} FROM quarantine ORDER BY ALL").rows()
    )
    facts, expected = lake.status(), clean.status()
    for name in ("objects", "records", "stored", "quarantined", "duplicates", "waiting"):
        assert facts[name] == expected[name], name
    assert not list((lake.folder / "staging").rglob("*")) if (lake.folder / "staging").exists() else True


def rounds(tmp_path: Path, inputs: list[Path], clean: Lake, seed: int, kills: int) -> int:
    """Kill the same ingest again and again at random moments, until the lake is done, then check."""
    random = Random(seed)
    lake = open_lake(tmp_path / f"lake-{seed}")
    lake.folder.mkdir()
    killed = 0
    for _ in range(kills):
        killed += killed_after(random.uniform(0, 1.6), lake.folder, inputs)
    check_after(lake, inputs, clean)
    return killed


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again(tmp_path: Path, inputs: list[Path], clean: Lake, seed: int) -> None:
    assert rounds(tmp_path, inputs, clean, seed, 4) > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 140))
def test_killed_200_times(tmp_path: Path, inputs: list[Path], clean: Lake, seed: int) -> None:
    assert rounds(tmp_path, inputs, clean, seed, 5) > 0


STEPS = """
import os, signal, sys
from contactlake.lake import open
left = [int(sys.argv[3])]
def hook(owner, attribute):
    usual = getattr(owner, attribute)
    def counted(*a, **k):
        for when in ("before", "after"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if when == "before":
                result = usual(*a, **k)
        return result
    setattr(owner, attribute, counted)
from contactlake.storage.store import Store
from contactlake.landing.ledger import Ledger
from contactlake.landing.objects import Landing
hook(os, "replace")
for owner, names in {Store: ["commit", "_create"], Ledger: ["add", "begin", "finish"], Landing: ["land", "clean"]}.items():
    for each in names:
        hook(owner, each)
open(sys.argv[1]).ingest(sys.argv[2])
print("survived")
"""


def test_killed_around_every_step_of_a_commit(tmp_path: Path) -> None:
    """Before and after each thing that becomes permanent: move, commit, ledger entry, landed object."""
    lake, clean = open_lake(tmp_path / "lake"), open_lake(tmp_path / "clean")
    paths: list[Path] = []
    every = 1 if os.environ.get("CONTACTLAKE_SOAK") else 7
    step, done = 0, None
    while done is None or done.returncode:
        step += every
        path = tmp_path / f"in-{step}"
        path.write_bytes(lines([contact_record(0, step), *mixed(4, first=3 * step)]) + b"{broken")
        paths.append(path)
        done = subprocess.run(
            [sys.executable, "-c", STEPS, str(lake.folder), str(path), str(step)], capture_output=True, timeout=120
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        counts(lake.ingest(path))
        facts = lake.status()
        assert (facts["records"], facts["quarantined"], facts["waiting"]) == (6 * len(paths), len(paths), 0)
        assert scalar(lake, "SELECT count(*) - count(DISTINCT contact_id) FROM contact_record") == 0
    assert len(paths) * every > 20
    clean.ingest(*paths)
    assert content(lake) == content(clean)


SMALL = """
from contactlake import tasks
from contactlake.landing import objects
objects.FRAME_BYTES = objects._CHUNK = 1 << 15
tasks.TASK_BYTES = tasks.LARGE_BYTES = 1 << 17
"""
"""What makes a file of a megabyte a large one."""


def test_killed_while_a_large_file_is_landed_and_decoded(tmp_path: Path) -> None:
    """What was decoded under a passing id counts for nothing, and what was half landed goes."""
    source, folder = tmp_path / "in", tmp_path / "lake"
    source.write_bytes(lines([contact_record(n, Attributes={"a": "x" * 900}) for n in range(1_500)]) + b"{broken\n")
    folder.mkdir()
    (folder / "contactlake.toml").write_text("workers = 2")
    random, killed = Random(5), 0
    for _ in range(6):
        killed += killed_after(random.uniform(0.1, 1.2), folder, [source], SMALL + RUN)
    assert killed > 0
    lake, clean = open_lake(folder), open_lake(tmp_path / "clean")
    lake.ingest(source)
    clean.ingest(source)
    facts, expected = lake.status(), clean.status()
    for name in ("objects", "records", "stored", "quarantined", "duplicates", "waiting"):
        assert facts[name] == expected[name], name
    assert content(lake) == content(clean)
    held = "SELECT * EXCLUDE (landed_at) FROM quarantine"
    assert lake.query(held).rows() == clean.query(held).rows()
    assert [p.suffix for p in (folder / "raw").rglob("*") if p.is_file()] == [".zst"]


def test_interrupted_from_the_keyboard(tmp_path: Path, inputs: list[Path], clean: Lake) -> None:
    """Ctrl-C says what to do, and the next run goes on."""
    lake = open_lake(tmp_path / "lake")
    command = [sys.executable, "-m", "contactlake", "ingest", *map(str, inputs), "--lake", str(lake.folder)]
    for delay in (0.3, 0.8, 1.2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
        assert process.returncode in (0, 1, -signal.SIGINT, 130)
        if process.returncode == 1:
            assert b"run the same command again" in error
    for path in inputs:
        lake.ingest(path)
    assert content(lake) == content(clean)


def test_workers_end_with_a_killed_run(tmp_path: Path) -> None:
    """A run large enough for worker processes: killing it leaves none of them behind."""
    (tmp_path / "in").write_bytes(lines([contact_record(n, Attributes={"a": "x" * 9000}) for n in range(8_500)]))
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "contactlake.toml").write_text("workers = 2")
    process = subprocess.Popen(
        [sys.executable, "-m", "contactlake", "ingest", str(tmp_path / "in"), "--lake", str(lake)],
        stderr=subprocess.DEVNULL,
    )
    children: list[psutil.Process] = []
    end = time.monotonic() + 60
    while len(children) < 2 and process.poll() is None and time.monotonic() < end:
        children = list(psutil.Process(process.pid).children(recursive=True))
        time.sleep(0.02)
    assert children
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    summary = open_lake(lake).ingest(tmp_path / "in")
    assert summary.stored == 8_500
    assert json.dumps(summary.resumed)
