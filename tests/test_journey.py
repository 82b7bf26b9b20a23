"""contact, the views of contacts, and orphans: held against what plain Python makes of the same rows."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from click.testing import CliRunner

import contactlake
from contactlake.checking import orphans
from contactlake.cli import main
from contactlake.errors import UsageError
from contactlake.model.types import Array
from contactlake.pipeline import BY_NAME
from contactlake.storage.store import Store
from contactlake.tables._relations import RELATIONS
from tests.lakes import Clock, centre

LINKS = ("initial_contact_id", "previous_contact_id", "next_contact_id", "related_contact_id")
MS = timedelta(milliseconds=1)
STRAY = {
    "AWSContactTraceRecordFormatVersion": "2017-03-10",
    "Channel": "VOICE",
    "InitiationMethod": "INBOUND",
    "ContactId": "stray-1",
    "NextContactId": "nobody-1",
    "PreviousContactId": "nobody-2",
    "InstanceARN": "arn:aws:connect:eu-west-1:1:instance/stray",
    "InitiationTimestamp": "2025-03-03T10:00:00Z",
    "LastUpdateTimestamp": "2025-03-03T10:00:00Z",
    "Queue": {"ARN": "arn:aws:connect:eu-west-1:1:instance/stray/queue/no-queue"},
    "Agent": {"ARN": "arn:aws:connect:eu-west-1:1:instance/stray/agent/no-agent"},
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journey")
    raw = centre(folder / "raw", 8, agents=8, days=1)
    shutil.rmtree(raw / "truth")
    (raw / "stray.json").write_text(json.dumps(STRAY))
    lake = contactlake.open(folder / "lake", now=Clock())
    lake.ingest(raw)
    return lake


@pytest.fixture(scope="module")
def contacts(lake):
    return {c["contact_id"]: c for c in lake.query("SELECT * FROM contact_record").rows()}


def said(lake, *words, code=0):
    result = CliRunner().invoke(main, [*words, "--lake", str(lake.folder)])
    assert result.exit_code == code, result.output
    return result.stdout


def families(contacts):
    """The sets of contacts that links hold together."""
    of = {id_: {id_} for id_ in contacts}
    for id_, contact in contacts.items():
        for link in LINKS:
            other = contact[link]
            if other in of and of[other] is not of[id_]:
                of[id_] |= of[other]
                for member in of[id_]:
                    of[member] = of[id_]
    return of


def test_a_contact_is_shown_with_all_that_links_lead_to(lake, contacts):
    of = families(contacts)
    larger = {id(f): f for f in of.values() if len(f) > 1}.values()
    assert larger
    alone = next(f for f in of.values() if len(f) == 1 and "stray-1" not in f)
    for family in [*larger, alone][:6]:
        for id_ in sorted(family)[:2]:
            found = lake.contact(id_)
            assert {c["contact_id"] for c in found["contacts"]} == family
            assert {s["contact_id"] for s in found["steps"]} == family
            assert not found["more"]
            assert [s["position"] for s in found["steps"]] == list(range(1, len(found["steps"]) + 1))
            begun = [c["initiation_timestamp"] for c in found["contacts"]]
            assert begun == sorted(begun)


def test_steps_are_those_of_the_whole_view(lake, contacts):
    whole = defaultdict(list)
    for step in lake.query("SELECT * FROM contact_journey ORDER BY instance_id, chain_id, position").rows():
        whole[step["contact_id"]].append({k: v for k, v in step.items() if k != "position"})
    assert whole.keys() == contacts.keys()
    family = max(families(contacts).values(), key=len)
    steps = defaultdict(list)
    for step in lake.contact(min(family))["steps"]:
        steps[step["contact_id"]].append({k: v for k, v in step.items() if k != "position"})
    for id_ in family:
        assert steps[id_] == whole[id_]


def test_every_contact_begins_and_holds_last_as_long_as_the_spans(lake, contacts):
    steps = defaultdict(list)
    for step in lake.query("SELECT * FROM contact_journey").rows():
        steps[step["contact_id"]].append(step)
    held = lake.query(
        "SELECT contact_id, sum(epoch_ms(end_time) - epoch_ms(start_time)) AS ms FROM agent_contact_span "
        "WHERE state = 'CONNECTED_ONHOLD' AND known GROUP BY ALL"
    ).rows()
    assert held
    for row in held:
        holds = [s for s in steps[row["contact_id"]] if s["what"] == "hold"]
        if row["contact_id"] in contacts:
            assert sum((s["end_time"] - s["start_time"]) // MS for s in holds) == row["ms"]
    for id_, contact in contacts.items():
        what = Counter(s["what"] for s in steps[id_])
        assert what["began"] == 1
        assert what["ended"] == (contact["disconnect_timestamp"] is not None)
        assert what["agent"] == (contact["agent_connected_to_agent_timestamp"] is not None)
        assert what["transfer"] + what["continued"] == bool(
            contact["next_contact_id"] or contact["transfer_completed_timestamp"]
        )
    analysed = {a["contact_id"] for a in lake.query("SELECT contact_id FROM contact_analysis").rows()}
    assert {id_ for id_, s in steps.items() if "analysis" in {x["what"] for x in s}} == analysed & contacts.keys()


def test_agents_are_on_contacts_as_their_spans_say(lake):
    wanted = defaultdict(list)
    for span in lake.query("SELECT * FROM agent_contact_span WHERE state_class = 'HANDLING' AND known").rows():
        wanted[span["user_id"], span["contact_id"], span["appeared_by"]].append(span)
    found = lake.query("SELECT * FROM agent_on_contact").rows()
    assert len(found) == len(wanted)
    for row in found:
        spans = wanted[row["user_id"], row["contact_id"], row["appeared_by"]]
        assert row["start_time"] == min(s["start_time"] for s in spans)
        assert row["end_time"] == max(s["end_time"] for s in spans)
        times = row["connected_ms"] + row["hold_ms"] + row["pause_ms"] + row["after_contact_work_ms"]
        assert times == sum((s["end_time"] - s["start_time"]) // MS for s in spans)
        assert row["agent_username"]


def test_contact_records_have_names(lake, contacts):
    rows = lake.query("SELECT * FROM contact_record_named").rows()
    assert {r["contact_id"] for r in rows} == contacts.keys()
    assert len(rows) == len(contacts)
    for row in rows:
        same = contacts[row["contact_id"]]
        assert all(row[name] == same[name] for name in same if same[name] is not None)
        if row["contact_id"] != "stray-1":
            assert bool(row["agent_id"]) == bool(row["agent_name"]) == bool(row["agent_username"])
    statistics = lake.query("SELECT * FROM contact_statistic_record").rows()
    assert len(lake.query("SELECT * FROM contact_statistic_record_named").rows()) == len(statistics)


def test_times_are_local_on_request(lake, contacts):
    id_ = "stray-1"
    local = lake.query(
        "SELECT initiation_timestamp AT TIME ZONE 'Asia/Kolkata' AS t FROM contact_record WHERE contact_id = 'stray-1'"
    ).rows()[0]["t"]
    assert local.isoformat() == "2025-03-03T15:30:00"
    found = json.loads(said(lake, "contact", id_, "--time-zone", "Asia/Kolkata", "--format", "json"))
    assert found["contacts"][0]["initiation_timestamp"] == "2025-03-03T15:30:00.000+05:30"
    found = json.loads(said(lake, "contact", id_, "--format", "json"))
    assert found["steps"][0]["start_time"] == "2025-03-03T10:00:00.000Z"


@pytest.mark.parametrize("suffix, begins", [("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!DOCTYPE")])
def test_a_contact_is_printed_and_drawn(lake, contacts, tmp_path, suffix, begins):
    id_ = min(max(families(contacts).values(), key=len))
    out = tmp_path / f"contact.{suffix}"
    text = said(lake, "contact", id_, "--out", str(out))
    assert "began" in text
    assert out.read_bytes().startswith(begins)


def test_what_is_not_there_is_told(lake, tmp_path):
    for wrong in (("contact", "nobody"), ("contact", "' OR true --"), ("contact", "nobody-1")):
        said(lake, *wrong, code=2)
    said(lake, "contact", "stray-1", "--out", str(tmp_path / "x.bmp"), code=2)
    said(lake, "contact", "stray-1", "--time-zone", "Nowhere", code=2)
    with pytest.raises(UsageError):
        lake.contact("\ud800")


def test_a_contact_is_found_without_the_lists_of_where_ids_stand(lake, contacts):
    id_ = min(max(families(contacts).values(), key=len))
    before = lake.contact(id_)
    shutil.rmtree(lake.folder / "cache" / "ids")
    assert lake.contact(id_) == before


# orphans --------------------------------------------------------------------------------------------------------------


def test_relations_are_between_columns_that_there_are():
    for relation in RELATIONS:
        column = BY_NAME[relation.table].by_name[relation.column]
        kind = column.type.item if isinstance(column.type, Array) else column.type
        assert kind == BY_NAME[relation.to_table].by_name[relation.to_column].type, relation
    assert len(set(RELATIONS)) == len(RELATIONS)


def test_orphans_are_counted_as_plain_python_counts_them(lake):
    tables = {name for r in RELATIONS for name in (r.table, r.to_table)}
    there = tables & set(Store(lake.folder).tables())
    rows = {name: lake.query(f"SELECT * FROM {name}").rows() if name in there else [] for name in tables}
    found = {o["relation"]: o for o in orphans(lake.query)}
    assert len(found) == len(RELATIONS)
    for relation in RELATIONS:
        known = {row[relation.to_column] for row in rows[relation.to_table]}
        values = [row[relation.column] for row in rows[relation.table]]
        values = [v for one in values for v in (one if isinstance(one, list) else [one]) if v is not None]
        unknown = [v for v in values if v not in known]
        told = found[str(relation)]
        assert told["rows"] == len(values), relation
        assert (told["orphans"], told["values"]) == (len(unknown), len(set(unknown))), relation
        assert told["examples"] == sorted(set(unknown))[:3], relation
    assert found["contact_record.next_contact_id → contact_record.contact_id"]["examples"] == ["nobody-1"]


def test_orphans_are_facts_and_no_errors(lake):
    assert "nobody-1" in said(lake, "check", code=0)
