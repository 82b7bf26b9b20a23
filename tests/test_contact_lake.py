"""Contact statistics in the lake: the truth, and the same table however and whenever the input came."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

import pytest

import contactlake
from contactlake.tables._agent_statistics import EVENT_COLUMNS
from contactlake.tables._contact_statistics import CONTACT_STATISTICS
from tests import truth_contacts
from tests.agent_statistics_sql import EPOCH
from tests.lakes import Clock, centre, comparable, files, rows, write
from tests.reference import contact_statistics as reference
from tests.simulated import documents

TABLE = "contact_statistic_record"
STREAMS = ("agent-events", "contact-records")
FLAGS = ("is_abandoned", "is_hold_disconnect", "is_transferred_out", "is_handled_incoming", "is_handled_outbound")


# ---------------------------------------------------------------- the truth


def check_truth(folder, seed, agents, days):
    source = centre(folder / "raw", seed, agents, days)
    lake = contactlake.open(folder / "lake", now=Clock())
    lake.ingest(*(source / stream for stream in STREAMS))
    assert truth_contacts.differences(source / "truth", lake) == []
    (found,) = lake.query(f"SELECT {', '.join(f'max({f}) AS {f}' for f in FLAGS)} FROM {TABLE}").rows()
    assert found == dict.fromkeys(FLAGS, 1)  # or there was little to compare


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_flag_and_time_is_the_truth(tmp_path, seed):
    check_truth(tmp_path, seed, agents=8, days=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_every_flag_and_time_is_the_truth_long(tmp_path, seed):
    check_truth(tmp_path, seed, agents=20, days=2)


# ---------------------------------------------------------------- any order, pieces, updates, late next contacts


def later(text, seconds):
    return (datetime.fromisoformat(text) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def versions(record, chance):
    """Versions of a record in which something matters, the one given being the last."""
    made = [record]
    for n in range(1, 1 + chance.choice([0, 0, 1, 2])):
        former = {**record, "LastUpdateTimestamp": later(record["LastUpdateTimestamp"], -60 * n)}
        fate = chance.choice(["running", "another day", "no next contact", "another reason", "another method"])
        if fate == "running":
            former.pop("DisconnectTimestamp", None)
        elif fate == "another day":
            former["DisconnectTimestamp"] = later(record["DisconnectTimestamp"], 86_400)
        elif fate == "no next contact":
            former.pop("NextContactId", None)
        elif fate == "another reason":
            former["DisconnectReason"] = "OTHER"
        else:
            former["InitiationMethod"] = chance.choice(["DISCONNECT", "QUEUE_TRANSFER", "INBOUND"])
        made.append(former)
    return made


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """A simulated centre's documents, with former versions of contact records among them."""
    folder, chance = centre(tmp_path_factory.mktemp("centre"), 5, agents=5, days=1), random.Random(5)
    given = list(documents(folder / "agent-events"))
    for record in documents(folder / "contact-records"):
        given += versions(record, chance)
    return given


@pytest.fixture(scope="module")
def whole(stream, tmp_path_factory):
    """The lake that took everything at once."""
    return lake_of(tmp_path_factory.mktemp("whole") / "lake", stream)


def lake_of(folder, *parts):
    """A lake into which the parts were ingested one after the other."""
    lake = contactlake.open(folder, now=Clock())
    for number, part in enumerate(parts):
        lake.ingest(write(folder.parent / f"{folder.name}-{number}.jsonl", part))
    return lake


def pieces(stream, count, seed):
    """The stream in pieces, neither in order nor evenly."""
    chance = random.Random(seed)
    cut = [[] for _ in range(count)]
    for document in stream:
        chance.choice(cut).append(document)
    return cut


def read(lake, table, columns):
    """Rows as the reference takes them: moments in microseconds."""

    def plain(value):
        if isinstance(value, datetime):
            return (value - EPOCH) // timedelta(microseconds=1)
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, list) else value

    return [plain(row) for row in lake.query(f"SELECT {', '.join(columns)} FROM {table}").rows()]


def in_order(some):
    return sorted(json.dumps(row, sort_keys=True) for row in some)


def check_reference(lake):
    """The table is what the plain reading of the rules makes of the stored records and events."""
    records = read(lake, "contact_record", CONTACT_STATISTICS.inputs["_contact"].columns)
    want = reference.derive(records, read(lake, "agent_event", EVENT_COLUMNS))
    assert want and in_order(read(lake, TABLE, list(want[0]))) == in_order(want)


def test_the_lake_holds_what_the_rules_say(whole):
    check_reference(whole)


def test_pieces_in_any_order_give_the_same_table(stream, whole, tmp_path):
    assert comparable(lake_of(tmp_path / "lake", *pieces(stream, 3, 1)), TABLE) == comparable(whole, TABLE)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_many_pieces_in_any_order_give_the_same_table(stream, whole, tmp_path, seed):
    assert comparable(lake_of(tmp_path / "lake", *pieces(stream, 30, seed)), TABLE) == comparable(whole, TABLE)


def test_records_may_come_before_the_events_and_versions_in_wrong_order(stream, whole, tmp_path):
    records = [d for d in reversed(stream) if "ContactId" in d]
    parts = [records, [d for d in stream if "EventId" in d]]
    assert comparable(lake_of(tmp_path / "lake", *parts), TABLE) == comparable(whole, TABLE)


def test_a_messy_stream_gives_what_the_rules_say(tmp_path):
    folder = centre(tmp_path / "raw", 8, agents=5, days=1, profile="messy")
    paths = sorted(p for s in STREAMS for p in (folder / s).rglob("*") if p.is_file())
    random.Random(8).shuffle(paths)
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    for n in range(2):
        lake.ingest(*paths[n::2])
    check_reference(lake)


def test_late_documents_move_only_rows_that_differ(stream, whole, tmp_path):
    """Next contacts and the end of holds arrive late; what they do not change keeps its time of processing."""
    records = {d["ContactId"]: d for d in stream if "ContactId" in d}
    follows = {d["NextContactId"] for d in records.values() if d.get("NextContactId")}
    late = {c for c in follows if records[c]["InitiationMethod"] in ("TRANSFER", "QUEUE_TRANSFER", "DISCONNECT")}
    on_hold = next(r for r in rows(whole, TABLE) if r["is_hold_disconnect"])
    end = on_hold["disconnect_timestamp"].strftime("%Y-%m-%dT%H:%M:")
    tail = [d for d in stream if d.get("ContactId") in late or d.get("EventTimestamp", "").startswith(end)]
    lake = lake_of(tmp_path / "lake", [d for d in stream if d not in tail])
    before = {r["contact_id"]: r for r in rows(lake, TABLE)}
    lake.ingest(write(tmp_path / "late.jsonl", tail))
    assert comparable(lake, TABLE) == comparable(whole, TABLE)
    moved = set()
    for row in rows(lake, TABLE):
        former = before.get(row["contact_id"])
        if former is not None and {**former, "at": 0} == {**row, "at": 0}:
            assert row["at"] == former["at"]
        else:
            assert former is None or row["at"] > former["at"]
            moved.add(row["contact_id"])
    restated = moved & before.keys()
    assert late <= moved and restated and len(moved) < len(before) / 4


# ---------------------------------------------------------------- again


def test_building_again_touches_nothing(whole):
    before = files(whole)
    assert whole.build().tables == {}
    assert whole.build("2025-03-03", "2025-03-04").tables == {}
    assert files(whole) == before


def test_a_contact_that_is_running_again_has_no_row_and_its_end_moves_the_day(tmp_path):
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    arn = "arn:aws:connect:eu-west-2:123456789012:instance/11111111-2222-4333-8444-555555555555"
    record = {"AWSAccountId": "123456789012", "AWSContactTraceRecordFormatVersion": "2017-03-10", "ContactId": "c-1",
              "InstanceARN": arn, "InitiationTimestamp": "2025-03-03T23:50:00Z", "InitiationMethod": "INBOUND",
              "LastUpdateTimestamp": "2025-03-03T23:59:00Z"}  # fmt: skip

    def take(stamp, **changes):
        changed = {**record, "LastUpdateTimestamp": f"2025-03-04T00:0{stamp}:00Z", **changes}
        lake.ingest(write(tmp_path / f"{stamp}.jsonl", [changed]))
        return [r["disconnect_timestamp"].isoformat() for r in rows(lake, TABLE)]

    assert take(1) == []
    assert take(2, DisconnectTimestamp="2025-03-03T23:58:00Z") == ["2025-03-03T23:58:00+00:00"]
    assert take(3, DisconnectTimestamp="2025-03-04T00:02:00Z") == ["2025-03-04T00:02:00+00:00"]
    assert take(4) == []
