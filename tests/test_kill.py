"""kill -9 at any moment: nothing is lost, nothing doubled, and the next run goes on."""

from __future__ import annotations

import gzip
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
from tests.conftest import SOAK

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
    every = 1 if SOAK else 7
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


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file large enough for worker processes; beside it a lake that has two."""
    path = tmp_path / "in"
    path.write_bytes(lines([contact_record(n, Attributes={"a": "x" * 9000}) for n in range(8_500)]))
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "contactlake.toml").write_text("workers = 2")
    return path


def ingesting(path: Path) -> tuple[subprocess.Popen[bytes], list[psutil.Process]]:
    """A process that ingests a file into the lake beside it, and its workers as soon as there are two."""
    process = subprocess.Popen(
        [sys.executable, "-m", "contactlake", "ingest", str(path), "--lake", str(path.parent / "lake")],
        stderr=subprocess.PIPE,
    )
    workers: list[psutil.Process] = []
    end = time.monotonic() + 60
    while len(workers) < 2 and process.poll() is None and time.monotonic() < end:
        children = psutil.Process(process.pid).children(recursive=True)
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        time.sleep(0.02)
    assert len(workers) == 2
    return process, workers


def test_workers_end_with_a_killed_run(large: Path) -> None:
    """Killing a run with workers leaves none of them behind."""
    process, workers = ingesting(large)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
    summary = open_lake(large.parent / "lake").ingest(large)
    assert summary.stored == 8_500
    assert summary.resumed in ([], [str(large)])


def test_a_worker_that_is_ended_from_outside(large: Path) -> None:
    """Says so in one sentence; the next run goes on."""
    process, workers = ingesting(large)
    workers[0].kill()
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"A worker process was ended from outside" in error and b"Traceback" not in error
    assert open_lake(large.parent / "lake").ingest(large).stored == 8_500


def test_interrupted_from_the_keyboard_with_workers(large: Path) -> None:
    """A terminal tells all of them, at whatever moment; one answers, and none stays."""
    lake, codes = large.parent / "lake", set()
    for delay in (0.1, 0.2, 0.4, 0.8):
        process = subprocess.Popen(
            [sys.executable, "-m", "contactlake", "ingest", str(large), "--lake", str(lake)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        begun, workers = time.monotonic(), list[psutil.Process]()
        while process.poll() is None and (not workers or time.monotonic() < begun + delay):
            workers = psutil.Process(process.pid).children(recursive=True)
            begun = begun if workers else time.monotonic()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=60)
        codes.add(process.returncode)
        assert b"Traceback" not in error
        assert (b"run the same command again" in error) == (process.returncode == 1)
        assert not psutil.wait_procs(workers, timeout=20)[1]
    assert 1 in codes <= {0, 1}
    assert open_lake(lake).query("SELECT count(*) AS n FROM contact_record").rows()[0]["n"] in (0, 8_500)
    open_lake(lake).ingest(large)
    assert scalar(open_lake(lake), "SELECT count(*) FROM contact_record") == 8_500


def test_a_script_without_a_guard_is_told_what_to_do(tmp_path: Path) -> None:
    """Python runs a script again in every worker."""
    (tmp_path / "in").write_bytes(lines(mixed(30)))
    script = tmp_path / "script.py"
    script.write_text(
        "import contactlake, contactlake.workers\n"
        "contactlake.workers.LARGE_BYTES = 0\n"
        "try:\n"
        f"    print(contactlake.open({str(tmp_path / 'lake')!r}, workers=2).ingest({str(tmp_path / 'in')!r}).records)\n"
        "except contactlake.ContactlakeError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert 'under: if __name__ == "__main__"' in done.stdout
