"""The command line: exit codes, outputs that programs read, and never a traceback."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from samples import contact_record, lines, mixed, text

from contactlake.cli.commands import main
from contactlake.tables import AGENT_EVENT, TABLES

Cli = Callable[..., Any]


def run(cli: Cli, code: int, *arguments: Any, **options: Any) -> str:
    done = cli(*arguments, **options)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert done.returncode == code, done.stderr.decode()
    return str(done.stdout.decode())


def test_ingest_query_describe_status(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(lines(mixed(6)) + b"{broken\n" + text(contact_record(0, Brand="x")))
    (tmp_path / "notes").write_bytes(b"some\nnotes\nhere\n")
    summary = json.loads(run(cli, 0, "ingest", "in", "notes", "--lake", "l", "--format", "json"))
    assert {n: summary[n] for n in ("records", "stored", "duplicates", "quarantined")} == {
        "records": 8, "stored": 7, "duplicates": 0, "quarantined": 1,
    }  # fmt: skip
    assert summary["streams"]["contact-records"]["stored"] == 4
    assert summary["tables"]["contact_record"]["rows_added"] == 3
    assert [s["file"] for s in summary["skipped"]] == ["notes"]
    again = json.loads(run(cli, 0, "ingest", "in", "--lake", "l", "--format", "json", "--strict"))
    assert (again["records"], [s["file"] for s in again["skipped"]]) == (0, ["in"])
    assert json.loads(
        run(cli, 0, "query", "SELECT count(*) AS n FROM contact_record", "--lake", "l", "--format", "json")
    ) == [{"n": 3}]
    facts = json.loads(run(cli, 0, "status", "--lake", "l", "--format", "json"))
    assert (facts["records"], facts["stored"], facts["quarantined"]) == (8, 7, 1)
    assert facts["unknown_fields"] == [
        {"stream": "contact-records", "field": "Brand", "records": 1, "since": "2026-03-02"}
    ]
    assert facts["quarantine"] == [{"reason": "invalid_json", "records": 1}]
    rows = {t["name"]: t["rows"] for t in facts["tables"] if t["rows"]}
    expected = {"agent_event": 3, "contact_record": 3, "quarantine": 1, "record_version": 7}
    assert {name: rows[name] for name in expected} == expected
    (bad,) = json.loads(run(cli, 0, "quarantine", "list", "--lake", "l", "--format", "json"))
    assert (bad["reason"], bad["source"]) == ("invalid_json", "in")
    assert run(cli, 0, "quarantine", "show", bad["id"], "--lake", "l", "--format", "raw") == "{broken"
    assert (
        json.loads(run(cli, 0, "quarantine", "show", bad["id"], "--lake", "l", "--format", "json"))["raw"] == "{broken"
    )
    assert (
        json.loads(run(cli, 0, "quarantine", "export", "--out", "q", "--lake", "l", "--format", "json"))["exported"]
        == 1
    )
    retried = json.loads(run(cli, 0, "quarantine", "retry", "--lake", "l", "--format", "json"))
    assert (retried["records"], retried["quarantined"]) == (1, 1)
    for command in (
        ["status"],
        ["describe"],
        ["describe", "agent_event"],
        ["quarantine", "list"],
        ["query", "FROM agent_event"],
    ):
        assert run(cli, 0, *command, "--lake", "l")


def test_strict(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(text(contact_record(1)) + b"\n{broken")
    summary = json.loads(run(cli, 4, "ingest", "in", "--strict", "--format", "json"))
    assert (summary["stored"], summary["quarantined"]) == (1, 1)
    assert (tmp_path / "lake").is_dir()
    assert json.loads(run(cli, 0, "query", "SELECT count(*) AS n FROM contact_record", "--format", "json")) == [
        {"n": 1}
    ]


def test_standard_input_and_environment(cli: Cli, tmp_path: Path) -> None:
    import os

    environment = {**os.environ, "CONTACTLAKE_LAKE": str(tmp_path / "elsewhere")}
    run(cli, 0, "ingest", "-", stdin=text(contact_record(1)), env=environment)
    assert (tmp_path / "elsewhere" / "catalog.db").exists()
    assert not (tmp_path / "lake").exists()


WRONG = [
    (2, ["ingest"]),
    (2, ["ingest", "nothing.json"]),
    (2, ["ingest", "no*thing"]),
    (2, ["ingest", "in", "--bad"]),
    (2, ["ingest", "in", "--format", "xml"]),
    (2, ["qurey", "x"]),
    (2, ["describe", "agent_evnt"]),
    (2, ["status", "--lake", "nowhere"]),
    (2, ["query", "SELECT 1", "--lake", "nowhere"]),
    (2, ["quarantine", "show", "x", "--lake", "l"]),
    (2, ["quarantine", "list", "--lake", "nowhere"]),
    (2, ["status", "--lake", "wrong-setting"]),
    (2, ["ingest", "in", "--lake", "wrong-setting"]),
    (2, ["ingest", "in", "--lake", "wrong-toml"]),
    (3, ["query", "DROP TABLE agent_event", "--lake", "l"]),
    (3, ["query", "SELECT 1; SELECT 2", "--lake", "l"]),
    (3, ["query", "SELECT nothing FROM agent_event", "--lake", "l"]),
    (3, ["query", "", "--lake", "l"]),
    (3, ["query", "SELECT * FROM read_text('/etc/passwd')", "--lake", "l", "--format", "json"]),
    (1, ["ingest", "in", "--lake", "in"]),
    (1, ["status", "--lake", "damaged"]),
    (1, ["ingest", "in", "--lake", "damaged"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "arguments"), WRONG)
def test_exit_codes(cli: Cli, tmp_path: Path, code: int, arguments: list[str]) -> None:
    (tmp_path / "in").write_bytes(text(contact_record(1)))
    (tmp_path / "l").mkdir()
    for name, settings in {"wrong-setting": "interval_minuts = 5", "wrong-toml": "x ="}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "contactlake.toml").write_text(settings)
    (tmp_path / "damaged").mkdir()
    for name in ("ledger.db", "catalog.db"):
        (tmp_path / "damaged" / name).write_bytes(b"this is no database" * 100)
    done = cli(*arguments)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip()
    assert not done.stdout


def test_describe_json(cli: Cli) -> None:
    described = json.loads(run(cli, 0, "describe", "--format", "json"))
    assert [d["name"] for d in described] == [t.name for t in TABLES]
    one = json.loads(run(cli, 0, "describe", "AGENT_EVENT", "--format", "json"))
    assert one["name"] == "agent_event"
    told = [(c.name, str(c.type), c.nullable, c.doc, c.unit, c.sensitive, list(c.values)) for c in AGENT_EVENT.columns]
    keys = ("name", "type", "nullable", "doc", "unit", "sensitive", "values")
    assert [tuple(c[key] for key in keys) for c in one["columns"]] == told
    assert all(any(c[key] for d in described for c in d["columns"]) for key in keys)


def test_a_closed_pipe_is_no_error(cli: Cli, tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "l").mkdir()
    command = f"{sys.executable} -m contactlake query 'SELECT * FROM range(300000)' --lake l --format csv | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, b"range")
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_ctrl_c_inside_a_query_of_the_machinery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A library that turns the interrupt into an error of its own does not make a fault of it."""

    def interrupted(*_: object, **__: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("Query interrupted") from None

    monkeypatch.setattr("contactlake.lake.Lake.status", interrupted)
    (tmp_path / "lake").mkdir()
    result = CliRunner().invoke(main, ["status", "--lake", str(tmp_path / "lake")])
    assert result.exit_code == 1
    assert "run the same command again" in result.stderr
