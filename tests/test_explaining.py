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


def shown(number: int, fraction: str, profile: str, contact: bool, before: dict | None = None) -> dict:
    """An event of one agent: perhaps with a ringing contact, perhaps with the event before as its previous snapshot."""
    arn = "arn:aws:connect:eu-west-1:1:instance/i"
    since = "2024-03-05T10:00:00Z"
    ringing = {
        "ContactId": "c",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "State": "CONNECTING",
        "StateStartTimestamp": "2024-03-05T10:00:05Z",
    }
    return {
        "AWSAccountId": "1",
        "AgentARN": f"{arn}/agent/u",
        "InstanceARN": arn,
        "EventId": f"e{number}",
        "EventTimestamp": f"2024-03-05T10:00:{fraction}Z",
        "EventType": "STATE_CHANGE",
        "Version": "2019-05-25",
        "CurrentAgentSnapshot": {
            "AgentStatus": {"ARN": "s", "Name": "Available", "Type": "ROUTABLE", "StartTimestamp": since},
            "Configuration": {"RoutingProfile": {"ARN": f"{arn}/routing-profile/{profile}", "Name": profile}},
            "Contacts": [ringing] if contact else [],
        },
        "PreviousAgentSnapshot": before and before["CurrentAgentSnapshot"],
    }


def queue_cells(lake: Lake) -> list[tuple]:
    """Every cell of the queue's rows that is not 0: routing profile, column, value, sum of the parts."""
    return [
        (made["row"]["routing_profile_id"], cell["column"], cell["value"], cell["sum"])
        for row in lake.query("SELECT aqsr_statistic_id AS id FROM agent_queue_statistic_record").rows()
        for made in lake.explain("agent_queue_statistic_record", row["id"])
        for cell in made["cells"]
    ]


def test_the_last_event_is_the_last_in_the_chain_of_its_millisecond(tmp_path):
    first = shown(1, "00.000", "a", contact=False)
    offered = shown(2, "06.000999", "a", contact=True, before=first)
    gone = shown(0, "06.000", "b", contact=False, before=offered)
    gone["CurrentAgentSnapshot"]["AgentStatus"]["StartTimestamp"] = "2024-03-05T10:00:06Z"
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    lake.ingest(write(tmp_path / "events.jsonl", [first, gone, offered]))
    cells = queue_cells(lake)
    assert ("b", "agent_non_response", 1, 1) in cells
    assert [c for c in cells if c[2] != c[3]] == []


def test_what_a_contact_shows_first_counts_where_the_same_millisecond_shows_another(tmp_path):
    first = shown(1, "00.000", "a", contact=False)
    offered, other, later = (shown(n, f"{t}.000", "a", contact=True) for n, t in ((2, "05"), (3, "05"), (4, "09")))
    for event in (other, later):
        event["CurrentAgentSnapshot"]["Contacts"][0]["InitiationMethod"] = "API"
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    lake.ingest(write(tmp_path / "events.jsonl", [first, offered, other, later]))
    cells = queue_cells(lake)
    assert ("a", "incoming_connecting_attempts", 1, 1) in cells
    assert ("a", "agent_incoming_connecting_time", 4000, 4000) in cells
    assert [c for c in cells if c[2] != c[3]] == []
    spans = lake.query("SELECT * FROM agent_contact_span ORDER BY start_time, end_time").rows()
    assert [s["initiation_method"] for s in spans] == ["INBOUND", "API"]
    assert lake.check()["violations"] == []


def test_nothing_that_must_hold_is_broken(lake):
    facts = lake.check()
    assert facts["violations"] == []
    assert len(facts["rules"]) > 10
