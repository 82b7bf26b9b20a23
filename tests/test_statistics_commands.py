"""build, explain, timeline, check and the named views, as a user meets them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import contactlake
from contactlake.cli import main
from contactlake.pipeline import BY_NAME
from contactlake.storage.store import Store
from tests.lakes import Clock, centre, events_of, write


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    lake = contactlake.open(folder / "lake", now=Clock())
    lake.ingest(write(folder / "events.jsonl", events_of(centre(folder / "raw", 8))))
    return lake


def said(lake, *words, code=0):
    result = CliRunner().invoke(main, [*words, "--lake", str(lake.folder)])
    assert result.exit_code == code, result.output
    return result.stdout


def one_row(lake, table="agent_statistic_record"):
    where = "online_time > 0" if table == "agent_statistic_record" else "handle_time > 0"
    return lake.query(f"SELECT * FROM {table} WHERE {where} ORDER BY ALL LIMIT 1").rows()[0]


def test_build_says_that_nothing_differs(lake):
    assert "Nothing differs" in said(lake, "build")
    assert json.loads(said(lake, "build", "--from", "2025-03-03", "--format", "json"))["tables"] == {}
    said(lake, "build", "--from", "yesterday", code=2)


def test_explain_prints_parts_and_events(lake):
    row = one_row(lake)
    made = json.loads(
        said(lake, "explain", "agent_statistic_record", row["asr_statistic_id"], "online_time", "--format", "json")
    )
    assert sum(p["amount"] for p in made["cells"][0]["parts"]) == row["online_time"]
    assert "= the sum of" in said(lake, "explain", "agent_statistic_record", row["asr_statistic_id"])
    said(lake, "explain", "contact_record", "x", code=2)
    said(lake, "explain", "agent_statistic_record", "x", code=2)


def test_a_row_is_found_by_the_agents_name(lake):
    row = one_row(lake, "agent_queue_statistic_record")
    ask = "SELECT agent_username FROM agent_queue_statistic_record_named WHERE aqsr_statistic_id = '{}'"
    name = lake.query(ask.format(row["aqsr_statistic_id"])).rows()[0]["agent_username"]
    at = row["interval_start_time"].isoformat()
    found = json.loads(said(lake, "explain", "agent_queue_statistic_record", name, "--at", at, "--format", "json"))
    assert row["aqsr_statistic_id"] in [f["id"] for f in found]
    said(lake, "timeline", "nobody", "2025-03-03", code=2)


@pytest.mark.parametrize("suffix, begins", [("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!DOCTYPE")])
def test_a_timeline_is_printed_and_drawn(lake, tmp_path, suffix, begins):
    row = one_row(lake)
    out = tmp_path / f"day.{suffix}"
    day = row["interval_start_time"].date().isoformat()
    spans = json.loads(said(lake, "timeline", row["user_id"], day, "--out", str(out), "--format", "json"))
    assert {s["what"] for s in spans} == {"status", "contact"}
    assert out.read_bytes().startswith(begins)
    assert b"cdn.jsdelivr" not in out.read_bytes().replace(b"https://cdn.jsdelivr.net/npm/vega-editor", b"")[:2000]


def test_a_picture_needs_a_known_suffix(lake, tmp_path):
    said(lake, "timeline", one_row(lake)["user_id"], "2025-03-03", "--out", str(tmp_path / "x.bmp"), code=2)


def test_names_are_those_of_the_time(lake):
    rows = lake.query("SELECT * FROM agent_statistic_record_named").rows()
    assert len(rows) == len(lake.query("SELECT 1 FROM agent_statistic_record").rows())
    assert all(r["agent_username"] and r["routing_profile_name"] for r in rows)
    assert all(sum(c["time"] for c in r["custom_states"]) == r["non_productive_time"] for r in rows)
    queues = lake.query("SELECT * FROM agent_queue_statistic_record_named").rows()
    assert len(queues) == len(lake.query("SELECT 1 FROM agent_queue_statistic_record").rows())
    assert all(bool(r["queue_name"]) == bool(r["queue_id"]) for r in queues if r["queue_type"] == "STANDARD")


def test_check_finds_nothing_and_then_what_was_broken(lake):
    facts = json.loads(said(lake, "check", "--format", "json"))
    assert facts["violations"] == []
    assert {"relation", "rows", "orphans", "values", "examples"} == facts["orphans"][0].keys()
    store = Store(lake.folder)
    gone = [f.path for f in store.plan("agent_status_span").files][:1]
    store.commit(BY_NAME["agent_status_span"], [], gone, "damage")
    facts = json.loads(said(lake, "check", "--format", "json", code=1))
    assert {v["rule"] for v in facts["violations"]} == {"online time is that of the spans, day by day"}
    said(lake, "build")
    assert json.loads(said(lake, "check", "--format", "json"))["violations"] == []
