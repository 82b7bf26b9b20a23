"""Every cell of the statistics can be followed back to spans and events, and the parts add up to exactly its value."""

from __future__ import annotations

import random

import pytest

import contactlake
from contactlake.errors import UsageError
from contactlake.explaining import KEYS, Explainer
from contactlake.lake import Lake
from tests.lakes import Clock, centre, events_of, write


@pytest.fixture(scope="module", params=["clean", "messy"])
def lake(request, tmp_path_factory) -> Lake:
    folder = tmp_path_factory.mktemp(request.param)
    lake = contactlake.open(folder / "lake", now=Clock())
    source = centre(folder / "raw", 4, profile=request.param)
    if request.param == "messy":
        lake.ingest(source / "agent-events")
    else:
        lake.ingest(write(folder / "events.jsonl", events_of(source)))
    return lake


@pytest.mark.parametrize("table", KEYS)
def test_every_cell_of_a_sample_adds_up(lake, table):
    ids = sorted(r[KEYS[table]] for r in lake.query(f"SELECT {KEYS[table]} FROM {table}").rows())
    explainer = Explainer(lake.query, lake.settings)
    for id_ in random.Random(1).sample(ids, min(12, len(ids))):
        made = explainer.row(table, id_)
        assert made["cells"]
        assert [c for c in made["cells"] if not c["adds_up"]] == []
        known = {e["event_id"] for e in made["events"]}
        for cell in made["cells"]:
            for part in cell["parts"]:
                spans = [*part.get("contacts", []), *([part["status"]] if "status" in part else [])]
                assert spans
                assert {id_ for s in spans for id_ in (s["opened_by"], s["closed_by"])} <= known
        assert all(e["object"] and e["length"] for e in made["events"])


def test_a_cell_is_found_by_agent_and_interval(lake):
    row = lake.query("SELECT * FROM agent_statistic_record ORDER BY ALL LIMIT 1").rows()[0]
    found = lake.explain(
        "agent_statistic_record", row["user_id"], "online_time", at=row["interval_start_time"].isoformat()
    )
    assert row["asr_statistic_id"] in [f["id"] for f in found]
    with pytest.raises(UsageError, match="is no measure"):
        lake.explain("agent_statistic_record", row["asr_statistic_id"], "user_id")


def test_nothing_that_must_hold_is_broken(lake):
    facts = lake.check()
    assert facts["violations"] == []
    assert len(facts["rules"]) > 10
