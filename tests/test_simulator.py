"""The simulated contact centre: same seed same bytes, documents that equal the truth, normal figures, exact mess."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, time
from itertools import pairwise, zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import (
    Configured,
    Refused,
    by_agent,
    contact_spans,
    documents,
    joined,
    last,
    ms,
    pieces,
    status_pieces,
)

from contactlake.cli.simulate import simulate as command
from contactlake.testing import simulate
from contactlake.testing.simulator import chance, clock

KNOWN = "71420cdaefa67a612e03c15333ae60a0a336efae91a8a5fdebe6ec8fa44030f8"
"""Hash of all that a certain seed writes."""
pytest_plugins = ["contactlake.testing.fixtures"]
SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(10, 27)]
SEEDS = [3, 5, 9, *SOAK]


@pytest.fixture
def centre(simulated_centre, request):
    """A centre with leads, nights and every channel. 5: over a change of clocks; 9: a log-out in another status."""
    seed = request.param
    days = 3 if seed > 9 else 2 if seed == 5 else 1
    return simulated_centre(agents=22, seed=seed, days=days, start=date(2025, 3, 3 + seed % 7))


def hashes(root: Path) -> dict[str, str]:
    files = (p for p in sorted(root.rglob("*")) if p.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def first_difference(found: list, expected: list):
    """The first pair that differs: a comparison of long lists would take minutes to print."""
    return next(((a, b) for a, b in zip_longest(found, expected) if a != b), None)


def rows_by(table, column: str) -> dict[str, list[dict]]:
    found = defaultdict(list)
    for row in table.to_pylist():
        found[row[column]].append(row)
    return found


# -- same seed, same bytes ------------------------------------------------------------------------------------------


def test_same_seed_same_bytes_with_any_number_of_processes(tmp_path):
    options = {"agents": 12, "seed": 9, "instances": 2, "truth": True, "profile": "messy"}
    simulate(tmp_path / "a", **options)
    simulate(tmp_path / "b", **options, processes=2)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    simulate(tmp_path / "c", **{**options, "seed": 10})
    assert set(hashes(tmp_path / "c").values()).isdisjoint(set(hashes(tmp_path / "a").values()))


def test_the_bytes_of_a_seed_are_known(tmp_path):
    """The same on every machine: a change here changes what every seed means, and is said in the changelog."""
    simulate(tmp_path, agents=5, seed=1)
    total = hashlib.sha256("".join(f"{k} {v}\n" for k, v in hashes(tmp_path).items()).encode()).hexdigest()
    assert total == KNOWN


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_logarithm_and_exponential_are_right(x):
    assert chance.exp(chance.ln(x)) == pytest.approx(x, rel=1e-9)


@given(st.integers(0, 2**63), st.integers(1, 500), st.integers(1, 500))
def test_whole_numbers_stay_in_their_bounds(seed, low, width):
    rng = chance.stream(seed)
    assert all(low <= chance.between(rng, low, low + width) <= low + width for _ in range(20))
    values = chance.lognormal(1000, 0.7, 200, 9000)
    assert all(200 <= values.draw(rng) <= 9000 for _ in range(50))


@pytest.mark.parametrize("zone", clock.ZONES, ids=lambda z: z.name)
@settings(max_examples=40)
@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_wall_clocks_equal_the_time_zone_database(zone, day):
    wall = datetime.combine(day, time(9), ZoneInfo(zone.name))
    assert zone.utc(clock.day_number(day), 9 * clock.HOUR) == int(wall.timestamp()) * 1000


# -- documents equal the truth --------------------------------------------------------------------------------------


@pytest.mark.parametrize("centre", SEEDS, indirect=True)
def test_agent_events_give_exactly_the_true_spans(centre):
    agents = by_agent(documents(centre.path / "agent-events"))
    statuses = rows_by(centre.truth("agent_status_span"), "user_id")
    spans = rows_by(centre.truth("agent_contact_span"), "user_id")
    assert set(statuses) == set(agents)
    for user, events in agents.items():
        times = [ms(e["EventTimestamp"]) for e in events]
        assert all(a < b for a, b in pairwise(times)), "two events of an agent at one time"
        assert (statuses[user][0]["start_ms"], statuses[user][-1]["end_ms"]) == (times[0], times[-1])
        true = [(r["start_ms"], r["end_ms"], _configured(r)) for r in statuses[user]]
        assert first_difference(status_pieces(events), joined(sorted(true, key=lambda r: r[0]))) is None, user
        true_spans = sorted(map(_true_span, spans.get(user, [])), key=str)
        assert first_difference(sorted(contact_spans(events), key=str), true_spans) is None, user
        _check_heartbeats(events)


def _configured(row: dict) -> Configured:
    levels = tuple(row[f"hierarchy_level_{n}_id"] for n in range(1, 6))
    return Configured(row["status_arn"], row["status_name"], row["status_type"], row["routing_profile_id"], levels)


def _true_span(row: dict) -> tuple:
    names = ("contact_id", "appearance", "start_ms", "end_ms", "state", "queue_id", "queue_type", "channel",
             "initiation_method", "connected")  # fmt: skip
    return tuple(row[n] for n in names)


def _check_heartbeats(events: list[dict]) -> None:
    """Every 120 s when quiet; after a LOGOUT for an hour at most, then silence until LOGIN."""
    out = None
    for a, b in pairwise(events):
        if a["EventType"] == "LOGOUT":
            out = ms(a["EventTimestamp"])
        gap = ms(b["EventTimestamp"]) - ms(a["EventTimestamp"])
        if b["EventType"] == "HEART_BEAT":
            unchanged = b["CurrentAgentSnapshot"] == a["CurrentAgentSnapshot"]
            assert gap == 120_000 and unchanged
            assert out is None or ms(b["EventTimestamp"]) - out <= 3_600_000
        elif b["EventType"] == "LOGIN":
            out = None
        else:
            assert gap <= 120_000
            assert out is None
            chained = b["PreviousAgentSnapshot"] == a["CurrentAgentSnapshot"]
            assert chained
    assert (events[0]["EventType"], events[0]["PreviousAgentSnapshot"]) == ("LOGIN", None)


@pytest.mark.parametrize("centre", SEEDS, indirect=True)
def test_contact_records_tell_the_truth_in_whole_seconds(centre):
    records = {r["ContactId"]: r for r in documents(centre.path / "contact-records")}
    truth = {r["contact_id"]: r for r in centre.truth("contact").to_pylist()}
    assert records.keys() == truth.keys() and len(truth) == centre.summary.documents["contact-records"]
    for id, true in truth.items():
        _check_record(records[id], true)
        _check_links(records[id], records)
        assert true["abandoned"] == _abandoned(records[id], records), id


def _cut(value: int | None) -> int | None:
    return None if value is None else value // 1000 * 1000


def _check_record(record: dict, true: dict) -> None:
    agent, queue = record.get("Agent") or {}, record.get("Queue") or {}
    pairs = {
        "initiation_ms": record["InitiationTimestamp"],
        "connected_to_system_ms": record.get("ConnectedToSystemTimestamp"),
        "disconnect_ms": record["DisconnectTimestamp"],
        "transfer_completed_ms": record.get("TransferCompletedTimestamp"),
        "enqueue_ms": queue.get("EnqueueTimestamp"),
        "dequeue_ms": queue.get("DequeueTimestamp"),
        "connected_to_agent_ms": agent.get("ConnectedToAgentTimestamp"),
        "acw_start_ms": agent.get("AfterContactWorkStartTimestamp"),
        "acw_end_ms": agent.get("AfterContactWorkEndTimestamp"),
    }
    for name, text in pairs.items():
        assert ms(text) == _cut(true[name]), (record["ContactId"], name)
    same = ("channel", "Channel"), ("initiation_method", "InitiationMethod"), ("disconnect_reason", "DisconnectReason")
    links = ("initial_contact_id", "InitialContactId"), ("next_contact_id", "NextContactId")
    for name, key in (*same, *links, ("previous_contact_id", "PreviousContactId")):
        assert true[name] == record.get(key), (record["ContactId"], name)
    assert true["queue_id"] == last(queue.get("ARN"))
    assert true["agent_id"] == last(agent.get("ARN"))
    if queue.get("EnqueueTimestamp"):
        assert queue["Duration"] * 1000 == ms(queue["DequeueTimestamp"]) - ms(queue["EnqueueTimestamp"])
    if agent:
        _check_agent(agent, true, record)


def _check_agent(agent: dict, true: dict, record: dict) -> None:
    """Durations add up to the record's own timestamps, and differ from the truth by less than two seconds."""
    talk, hold = agent["AgentInteractionDuration"], agent["CustomerHoldDuration"]
    pause = agent.get("AgentPauseDuration") or 0
    left = _cut(true["agent_left_ms"])
    assert (talk + hold + pause) * 1000 == left - ms(agent["ConnectedToAgentTimestamp"])
    assert min(talk, hold, pause) >= 0
    assert abs(talk * 1000 - true["interaction_ms"]) < 3000
    assert agent["NumberOfHolds"] == true["hold_count"]
    for seconds, name in ((hold, "hold_ms"), (agent["LongestHoldDuration"], "longest_hold_ms"), (pause, "pause_ms")):
        assert abs(seconds * 1000 - true[name]) < 2000
    if agent.get("AfterContactWorkStartTimestamp"):
        begun, done = (ms(agent[f"AfterContactWork{w}Timestamp"]) for w in ("Start", "End"))
        assert agent["AfterContactWorkDuration"] * 1000 == done - begun
    assert ms(record["LastUpdateTimestamp"]) >= max(ms(record["DisconnectTimestamp"]), left)


def _check_links(record: dict, records: dict[str, dict]) -> None:
    if record.get("NextContactId"):
        assert records[record["NextContactId"]]["PreviousContactId"] == record["ContactId"]
    if record.get("PreviousContactId"):
        assert records[record["PreviousContactId"]]["NextContactId"] == record["ContactId"]
        assert record["InitialContactId"] in records


def _abandoned(record: dict, records: dict[str, dict]) -> bool:
    """The published rule, on the record."""
    following = record.get("NextContactId")
    ended = following is None or records[following]["InitiationMethod"] == "DISCONNECT"
    queued = bool((record.get("Queue") or {}).get("EnqueueTimestamp"))
    return queued and not record.get("Agent") and ended and not record.get("TransferCompletedTimestamp")


@pytest.mark.parametrize("centre", SEEDS, indirect=True)
def test_agents_and_contacts_agree(centre):
    """A contact's true times are its states at the agent; a hold disconnect is the last state before the end."""
    spans = rows_by(centre.truth("agent_contact_span"), "contact_id")
    for true in centre.truth("contact").to_pylist():
        mine = [s for s in spans.get(true["contact_id"], []) if s["user_id"] == true["agent_id"]]
        if true["agent_id"] is None:
            continue
        mine.sort(key=lambda s: s["start_ms"])
        mine = [s for s in mine if s["appearance"] == mine[-1]["appearance"]]
        assert next(s["start_ms"] for s in mine if s["connected"]) == true["connected_to_agent_ms"]
        assert sum(s["end_ms"] - s["start_ms"] for s in mine if s["state"] == "CONNECTED_ONHOLD") == true["hold_ms"]
        assert sum(s["end_ms"] - s["start_ms"] for s in mine if s["state"] == "PAUSED") == true["pause_ms"]
        ended = [(s["start_ms"], s["end_ms"]) for s in mine if s["state"] == "ENDED"]
        assert ended == ([(true["acw_start_ms"], true["acw_end_ms"])] if true["acw_start_ms"] else [])
        talked = [s for s in mine if s["state"] != "ENDED"]
        assert talked[-1]["end_ms"] == true["agent_left_ms"]
        assert (talked[-1]["state"] == "CONNECTED_ONHOLD") == true["hold_disconnect"]


@pytest.mark.parametrize("centre", SEEDS, indirect=True)
def test_the_other_streams_are_about_the_same_contacts(centre):
    truth = {r["contact_id"]: r for r in centre.truth("contact").to_pylist()}
    records = {r["ContactId"]: r for r in documents(centre.path / "contact-records")}
    for step in documents(centre.path / "flow-logs"):
        true = truth[step["ContactId"]]
        end = true["enqueue_ms"] or true["disconnect_ms"]
        assert true["connected_to_system_ms"] <= ms(step["Timestamp"]) <= end
    for document in documents(centre.path / "analysis"):
        true = truth[document["CustomerMetadata"]["ContactId"]]
        length = true["agent_left_ms"] - true["connected_to_agent_ms"]
        assert document["Channel"] == true["channel"]
        if true["channel"] == "VOICE":
            talk = document["ConversationCharacteristics"]
            assert talk["TotalConversationDurationMillis"] == length
            assert document["Transcript"][-1]["EndOffsetMillis"] <= length
    evaluated = 0
    for document in documents(centre.path / "evaluations"):
        about = document["metadata"]
        assert about["agentId"] == truth[about["contactId"]]["agent_id"]
        (mark,) = records[about["contactId"]]["ContactEvaluations"].values()
        assert last(mark["EvaluationArn"]) == document["evaluationId"]
        assert (centre.path / "evaluations" / mark["ExportLocation"].split("/", 1)[1]).is_file()
        evaluated += 1
    assert evaluated == sum(bool(r.get("ContactEvaluations")) for r in records.values())


# -- what happens in it ---------------------------------------------------------------------------------------------


def test_figures_are_those_of_a_normal_centre(tmp_path):
    summary = simulate(tmp_path, agents=60, seed=1)
    kpis = summary.kpis
    assert 60 <= kpis["service_level_20s_percent"] <= 90
    assert 2 <= kpis["abandonment_percent"] <= 8
    assert 65 <= kpis["occupancy_percent"] <= 88
    assert 240 <= kpis["average_handle_time_seconds"] <= 480
    assert 4 <= kpis["average_speed_of_answer_seconds"] <= 40


@pytest.mark.parametrize("seed", SOAK)
def test_figures_are_normal_for_every_seed(tmp_path, seed):
    kpis = simulate(tmp_path, agents=80, seed=seed).kpis
    assert 60 <= kpis["service_level_20s_percent"] <= 90
    assert 2 <= kpis["abandonment_percent"] <= 8
    assert 65 <= kpis["occupancy_percent"] <= 88


def test_everything_that_happens_in_a_centre_happens(simulated_centre):
    centre = simulated_centre(agents=60, seed=3, days=2)
    truth = centre.truth("contact").to_pylist()
    methods = {r["initiation_method"] for r in truth}
    assert {"INBOUND", "OUTBOUND", "TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "API", "WEBRTC_API", "MONITOR",
            "AGENT_REPLY", "FLOW", "DISCONNECT"} <= methods  # fmt: skip
    assert {r["channel"] for r in truth} == {"VOICE", "CHAT", "TASK", "EMAIL"}
    assert {r["queue_type"] for r in truth} == {"STANDARD", "AGENT", None}
    flags = ("transferred_out_external", "hold_disconnect", "abandoned", "hold_count", "pause_count", "monitored_ms")
    for flag in flags:
        assert any(r[flag] for r in truth), flag
    states = Counter(r["state"] for r in centre.truth("agent_contact_span").to_pylist())
    assert {"CONNECTING", "CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "ENDED", "MISSED", "REJECTED", "ERROR", "INCOMING",
            "PENDING"} <= states.keys()  # fmt: skip
    spans = centre.truth("agent_status_span").to_pylist()
    assert len({r["status_name"] for r in spans if r["status_type"] == "CUSTOM"}) > 12
    assert any(r["status_type"] == "OFFLINE" and r["status_name"] != "Offline" for r in spans), "a forgotten log-out"
    profiles = defaultdict(set)
    for row in spans:
        profiles[row["user_id"]].add((row["routing_profile_id"], row["hierarchy_level_3_id"]))
    assert any(len(found) > 1 for found in profiles.values()), "nobody changed profile or group"
    midnight = clock.ZONES[0].utc(clock.day_number(date(2025, 3, 4)), 0)
    assert any(r["start_ms"] < midnight < r["end_ms"] and r["status_type"] != "OFFLINE" for r in spans)


def test_optional_keys_are_there_and_not_there(simulated_centre):
    centre = simulated_centre(agents=22, seed=3, days=1, start=date(2025, 3, 6))
    records = list(documents(centre.path / "contact-records"))
    always = set.intersection(*(set(r) for r in records))
    ever = set.union(*(set(r) for r in records))
    assert {"RoutingCriteria", "ChatMetrics", "SegmentAttributes", "QualityMetrics", "Tags"} <= ever - always
    assert {"ContactId", "InstanceARN", "InitiationTimestamp", "Channel", "LastUpdateTimestamp"} <= always
    snapshots = [e["CurrentAgentSnapshot"] for e in documents(centre.path / "agent-events")]
    assert {"NextAgentStatus" in s for s in snapshots} == {True, False}
    assert {"Proficiencies" in s["Configuration"] for s in snapshots} == {True, False}


# -- mess -----------------------------------------------------------------------------------------------------------


def _valid(stream: str, document: object) -> bool:
    """What a reader can store, for the ways in which the simulator breaks documents."""
    if not isinstance(document, dict) or "AWSAccountId" not in document:
        return False
    try:
        json.dumps(document, ensure_ascii=False).encode()
        key, time = ("EventId", "EventTimestamp") if stream == "agent-events" else ("ContactId", "InitiationTimestamp")
        ms(document[time])
        attempts = document.get("AgentConnectionAttempts", 0)
        return bool(document[key] and document[time]) and isinstance(attempts, int) and attempts < 2**63
    except (ValueError, KeyError):
        return False


@pytest.mark.parametrize("seed", [1, *SOAK[:5]])
def test_mess_is_accounted_for_exactly(tmp_path, simulated_centre, seed):
    options = {"agents": 40, "seed": seed}
    summary = simulate(tmp_path, profile="messy", truth=True, **options)
    account = json.loads((tmp_path / "truth" / "mess.json").read_text())["streams"]
    clean = simulated_centre(**options)
    for stream, key in (("agent-events", "EventId"), ("contact-records", "ContactId")):
        said = account[stream]
        found = list(pieces(tmp_path / stream))
        good = [(raw, d) for raw, d in found if not isinstance(d, Refused) and _valid(stream, d)]
        versions = {raw for raw, _ in good}
        assert len(found) == said["documents"] == summary.documents[stream]
        assert len(found) - len(good) == said["malformed"] == sum(said["malformed_kinds"].values())
        assert len(good) - len(versions) == said["duplicates"] > 0
        assert len({raw for raw, d in found if isinstance(d, Refused)}) == sum(isinstance(d, Refused) for _, d in found)
        keys = {d[key] for _, d in good}
        assert clean.summary.documents[stream] - len(keys) == said["lost"]
        assert len(versions) - len(keys) == said["updates"]
    assert account["agent-events"]["lost"] > 0 and account["contact-records"]["updates"] > 0
    assert len(account["agent-events"]["malformed_kinds"]) > 5
    assert any(d["Version"] == "2017-10-01" for _, d in pieces(tmp_path / "agent-events") if _valid("agent-events", d))


# -- the faces ------------------------------------------------------------------------------------------------------


def test_command_prints_one_json_document(tmp_path):
    run = CliRunner().invoke(command, ["--out", str(tmp_path / "raw"), "--agents", "5", "--format", "json"])
    assert run.exit_code == 0, run.output
    printed = json.loads(run.stdout)
    assert printed["documents"]["agent-events"] > 0 and "service_level_20s_percent" in printed["kpis"]
    assert "1 of 1" in run.stderr


def test_without_the_engine_the_command_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "simpy", None)
    run = CliRunner().invoke(command, ["--out", str(tmp_path / "raw")])
    assert run.exit_code == 1 and "contactlake[simulator]" in run.output
    assert not (tmp_path / "raw").exists()


def test_an_earlier_simulation_is_not_written_over(tmp_path):
    simulate(tmp_path, agents=1, seed=1)
    with pytest.raises(FileExistsError, match="choose an empty folder"):
        simulate(tmp_path, agents=1, seed=2)


@pytest.mark.parametrize("wrong", [{"agents": 0}, {"days": 0}, {"profile": "tidy"}, {"processes": 0}])
def test_wrong_options_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError):
        simulate(tmp_path, **wrong)
    assert not list(tmp_path.iterdir())
