"""Agent spans and statistics: worked examples, what is always true, and SQL against the plain reading of the rules."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactlake.build import derive as build
from contactlake.tables import BY_NAME
from contactlake.tables._agent_statistics import AGENT_PASSES, AGENT_STATISTICS, AGENT_STATUSES, gist
from contactlake.tables._snapshot_chain import chain_order
from tests import agent_statistics_sql
from tests.agent_histories import RULES, SECOND, STATUSES, batches, blank, histories, set_status
from tests.agent_statistics_sql import (
    TABLES,
    apart,
    connect,
    differences,
    events_table,
    ordered,
    parted_rows,
    plain,
    rebuilt,
    setting_values,
    smallest,
    sql_rows,
)
from tests.reference.agent_statistics import derive
from tests.reference.agent_timelines import AGENT_INITIATED, Rules

DAY = 1_704_153_600_000  # a midnight, in milliseconds
MINUTE = 60_000
AVAILABLE, OFFLINE, BREAK = STATUSES[0], STATUSES[2], STATUSES[3]


@pytest.fixture(scope="module")
def con():
    with connect() as connection:
        yield connection


def event(number, t, status=AVAILABLE, since=DAY, contacts=(), kind="HEART_BEAT"):
    """An event at ``t`` milliseconds; contacts are ``(id, state, since)``."""
    made = blank(number, "i", "u", t * 1000)
    made["event_type"] = kind
    set_status(made, "current", status, since * 1000)
    made["current_contacts"] = [
        {
            "contact_id": contact,
            "initial_contact_id": None,
            "channel": "VOICE",
            "initiation_method": "INBOUND",
            "state": state,
            "state_start_timestamp": start * 1000,
            "connected_to_agent_timestamp": None,
            "queue_timestamp": None,
            "queue": None,
        }
        for contact, state, start in contacts
    ]
    return made


def statistics(con, events, rules=None):
    """The SQL's rows, which must be the reference's."""
    rules = rules or Rules()
    assert differences(con, events, rules) == []
    return sql_rows(con, events, rules, derive(events, rules)["agent_status"])


# ---------------------------------------------------------------- worked examples (section 9)


def test_time_on_contact_is_cut_at_interval_bounds(con):
    start, end = DAY + (5 * 60 + 23) * MINUTE, DAY + (6 * 60 + 15) * MINUTE
    events = [event(0, DAY + 5 * 60 * MINUTE)]
    events += [event(n, start + n * 2 * MINUTE, contacts=[("c", "CONNECTED", start)]) for n in range(1, 26)]
    events[1]["event_timestamp"] = start * 1000
    events += [event(30, end), event(31, end + MINUTE)]
    rows = statistics(con, events, Rules(interval_minutes=30))["agent_statistic_record"]
    assert [r["agent_on_contact_time"] // MINUTE for r in sorted(rows, key=lambda r: r["interval_start_time"])] == [
        7,
        30,
        15,
    ]


def test_after_contact_work_ends_where_the_contact_is_gone(con):
    ended = DAY + ((18 * 60 + 55) * 60 + 27) * 1000 + 17
    gone = DAY + ((18 * 60 + 55) * 60 + 32) * 1000 + 22
    events = [
        event(0, ended - 1000, contacts=[("c", "CONNECTED", ended - 1000)]),
        event(1, ended + 3, contacts=[("c", "ENDED", ended)]),
        event(2, gone),
    ]
    spans = statistics(con, events)["agent_contact_span"]
    work = [s["end_time"] - s["start_time"] for s in spans if s["state"] == "ENDED"]
    assert work == [5005]


@pytest.mark.parametrize("where", ["arn:aws:connect:r:1:", "arn:aws:connect:r:1:instance/i/", "x/", ""])
def test_ids_are_the_segments_after_agent_and_queue(con, where):
    contact = ("c", "CONNECTED", DAY)
    events = [event(n, DAY + n * MINUTE, contacts=[contact]) for n in range(3)]
    for one in events:
        one["agent_arn"] = f"{where}agent/a:1"
        for shown in one["current_contacts"]:
            shown["queue"] = {"arn": f"{where}queue/agent/q:1", "name": "q"}
    rows = statistics(con, events)
    (row,) = rows["agent_queue_statistic_record"]
    assert (row["user_id"], row["queue_id"], row["queue_type"]) == ("a:1", "q:1", "AGENT")
    assert [r["user_id"] for r in rows["agent_statistic_record"]] == ["a:1"]


def test_digits_beyond_milliseconds_are_cut_not_rounded(con):
    events = [event(0, DAY), event(1, DAY + 10)]
    events[1]["event_timestamp"] += 999
    (span,) = statistics(con, events)["agent_status_span"]
    assert span["end_time"] - span["start_time"] == 10


def test_overlapping_contacts_of_a_queue_count_once_in_contact_time(con):
    first, second, inner = (("a", "CONNECTED", DAY), ("b", "CONNECTED", DAY + 3000), ("c", "CONNECTED", DAY + 4000))
    events = [
        event(0, DAY, contacts=[first]),
        event(1, DAY + 3000, contacts=[first, second]),
        event(2, DAY + 4000, contacts=[first, second, inner]),
        event(3, DAY + 5000, contacts=[first, second]),
        event(4, DAY + 6000, contacts=[second]),
        event(5, DAY + 9000),
    ]
    (row,) = statistics(con, events)["agent_queue_statistic_record"]
    assert (row["contact_time_ms"], row["handle_time"]) == (9000, 6000 + 6000 + 1000)


def test_silence_as_long_as_believed_is_known(con):
    events = [event(0, DAY), event(1, DAY + 10 * MINUTE, status=BREAK, since=DAY + 10 * MINUTE)]
    (span,) = statistics(con, events)["agent_status_span"]
    assert not span["cut_by_silence"]
    assert span["end_time"] - span["start_time"] == 10 * MINUTE


def test_logout_forces_offline_until_the_status_changes(con):
    events = [
        event(0, DAY),
        event(1, DAY + 1000, kind="LOGOUT"),
        event(2, DAY + 2000),
        event(3, DAY + 3000, status=BREAK, since=DAY + 2500),
        event(4, DAY + 4000, status=BREAK, since=DAY + 2500),
    ]
    spans = sorted(statistics(con, events)["agent_status_span"], key=lambda s: s["start_time"])
    assert [(s["status_type"], s["forced_offline"], s["end_time"] - s["start_time"]) for s in spans] == [
        ("ROUTABLE", False, 1000),
        ("OFFLINE", True, 1500),
        ("CUSTOM", False, 1500),
    ]


def test_a_state_lost_between_events_is_inserted_only_where_it_lasted(con):
    """A state of the previous snapshot begins after the event before and before the next change, never at either."""
    before, after = DAY, DAY + 10_000
    for start, lasted in [(before, []), (before + 1, [9_999]), (after - 1, [1]), (after, [])]:
        events = [event(0, before), event(1, after)]
        set_status(events[1], "previous", AVAILABLE, DAY * 1000)
        events[1]["previous_contacts"] = event(2, after, contacts=[("c", "CONNECTING", start)])["current_contacts"]
        rows = statistics(con, events)
        assert [s["end_time"] - s["start_time"] for s in rows["agent_contact_span"]] == lasted
        assert [r["contacts_offered"] for r in rows["agent_queue_statistic_record"]] == [1] * len(lasted)


def test_silence_is_credited_up_to_the_longest_believed(con):
    later = DAY + 30 * MINUTE
    spans = statistics(con, [event(0, DAY), event(1, later, status=BREAK, since=later)])["agent_status_span"]
    assert sorted((s["known"], s["end_time"] - s["start_time"]) for s in spans) == [
        (False, 20 * MINUTE),
        (True, 10 * MINUTE),
    ]


def test_tied_events_follow_the_chain_of_snapshots():
    rows = [
        ("a", 1, "e1", None, "X", None),
        ("a", 2, "e2", 5, "Z", "Y"),
        ("a", 2, "e3", 6, "Y", "X"),
        ("a", 2, "e4", 7, "X", "Q"),
    ]
    assert chain_order(rows)[1:] == [("a", 2, "e4", 1), ("a", 2, "e3", 2), ("a", 2, "e2", 3)]


# ---------------------------------------------------------------- numbers of custom statuses (section 7)


BY_STATUS = [("instance_id", "ascending"), ("status_id", "ascending")]


def numbered(con, events, known=(), source="FROM given_events"):
    con.register("given_events", events_table(events))
    schema = "instance_id VARCHAR, status_id VARCHAR, status_arn VARCHAR, status_name VARCHAR, number BIGINT"
    con.execute(f"CREATE OR REPLACE TEMP TABLE given_known ({schema}, first_seen TIMESTAMPTZ, last_seen TIMESTAMPTZ)")
    if known:
        con.register("known_rows", known)
        con.execute("INSERT INTO given_known BY NAME FROM known_rows")
    inputs = {"_agent_event": source, "_agent_status_known": "FROM given_known"}
    build.run(con, AGENT_STATUSES, inputs, setting_values(Rules()))
    return con.sql("FROM agent_status").to_arrow_table()


def test_a_number_is_never_moved(con):
    late = [event(0, DAY + 1000, status=("arn:z", "Z", "CUSTOM"))]
    early = [event(1, DAY, status=("arn:a", "A", None)), event(2, DAY + 2000, status=("arn:z", "New", "CUSTOM"))]
    first = numbered(con, late)
    second = {r["status_id"]: (r["number"], r["status_name"]) for r in numbered(con, early, first).to_pylist()}
    assert second == {"arn:z": (1, "New"), "arn:a": (2, "A")}


# ---------------------------------------------------------------- SQL = reference


def same_as_reference(con, seed_value):
    chance = random.Random(seed_value)

    def check(some, rules):
        events = apart(some)
        statuses = {(r["instance_id"], r["status_id"]): r["number"] for r in derive(events, rules)["agent_status"]}
        found = numbered(con, events).sort_by(BY_STATUS).to_pylist()
        assert numbered(con, events, source=gist("FROM given_events")).sort_by(BY_STATUS).to_pylist() == found
        assert {(r["instance_id"], r["status_id"]): r["number"] for r in found} == statuses
        if differences(con, events, rules, chance):
            least = smallest(con, some, rules)
            pytest.fail(f"{rules}\n{least}\n{differences(con, least, rules)}")

    return check


def same_after_a_change(con, seed_value):
    """Histories that lack, have more of, or have other versions of some events: rebuilt windows = built at once."""
    chance = random.Random(seed_value)

    def former_version(history):
        chosen = {e["event_id"] for e in history if chance.random() < 0.12} or {e["event_id"] for e in history[-1:]}
        for e in history:
            if e["event_id"] not in chosen:
                yield e
                continue
            fate = chance.choice(["lost", "lost", "other", "moved"])
            if fate == "other":
                yield {**chance.choice(history), "event_id": e["event_id"], "instance_id": e["instance_id"]}
            elif fate == "moved":
                yield {**e, "event_timestamp": chance.choice(history)["event_timestamp"]}

    def check(some, rules):
        latter = apart(some)
        by_history = defaultdict(list)
        for e in latter:
            by_history[e["instance_id"].split(".")[0]].append(e)
        former = [e for history in by_history.values() for e in former_version(history)]
        if chance.random() < 0.5:
            former, latter = latter, former
        numbers = derive(former + latter, rules)["agent_status"]
        got, _ = rebuilt(con, former, latter, rules, numbers)
        want = derive(latter, rules, numbers)
        for table, name in TABLES.items():
            assert ordered(got[table]) == ordered(want[name]), (table, rules)

    return check


def same_in_parts(con, seed_value):
    """Cut anywhere in time and into groups of agents: the rows are those of everything at once."""
    chance = random.Random(seed_value)

    def check(some, rules):
        events = apart(some)
        cuts = [e["event_timestamp"] for e in chance.sample(events, min(len(events), chance.randrange(4)))]
        parts = defaultdict(list)
        for e in events:
            parts[sum(cut // 1000 <= e["event_timestamp"] // 1000 for cut in cuts)].append(e)
        numbers = derive(events, rules)["agent_status"]
        got = parted_rows(con, [parts[n] for n in sorted(parts)] or [[]], rules, numbers, chance.randrange(1, 4))
        want = derive(events, rules, numbers)
        for table, name in TABLES.items():
            assert ordered(got[table]) == ordered(want[name]), (table, rules, cuts)

    return check


def test_sql_gives_the_rows_of_the_reference(con):
    batches(300, 100, same_as_reference(con, 1), 1)


def test_only_the_windows_that_a_change_reaches_are_derived_again(con):
    batches(100, 50, same_after_a_change(con, 2), 2)


def test_parts_of_the_events_make_the_same_rows(con):
    batches(90, 30, same_in_parts(con, 3), 3)


def test_lists_that_share_a_hash_are_told_apart(con, monkeypatch):
    def poor(derivation):
        steps = (replace(s, sql=s.sql.replace("HASH(", "LEN(")) for s in derivation.steps)
        return replace(derivation, steps=tuple(steps))

    passes = replace(AGENT_PASSES, alone=poor(AGENT_PASSES.alone), first=poor(AGENT_PASSES.first))
    for steps in (poor(AGENT_STATISTICS).steps, passes.first.steps):
        assert sum("LEN(e.contacts) >> 1" in s.sql for s in steps) == 1
    monkeypatch.setattr(agent_statistics_sql, "AGENT_STATISTICS", poor(AGENT_STATISTICS))
    monkeypatch.setattr(agent_statistics_sql, "AGENT_PASSES", passes)
    batches(60, 30, same_as_reference(con, 4), 4)
    batches(60, 30, same_in_parts(con, 4), 4)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
def test_sql_gives_the_rows_of_the_reference_long(con, number):
    batches(5_000, 250, same_as_reference(con, number), number)
    batches(2_000, 200, same_after_a_change(con, number), number)
    batches(2_000, 50, same_in_parts(con, number), number)


# ---------------------------------------------------------------- always true (sections 5 and 6)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(histories(), min_size=1, max_size=6), RULES)
def test_measures_agree_with_each_other(some, rules):
    result = derive(apart(some), rules)
    interval = rules.interval_minutes * MINUTE
    for row in result["agent_statistic_record"]:
        custom = sum(v for k, v in row.items() if k.startswith("custom_state_time_"))
        assert custom == row["non_productive_time"] <= row["online_time"] <= interval
        routable = row["online_time"] - row["non_productive_time"]
        assert 0 <= row["agent_on_contact_time"] + row["agent_idle_time"] <= routable
    ids = [r["asr_statistic_id"] for r in result["agent_statistic_record"]]
    ids += [r["aqsr_statistic_id"] for r in result["agent_queue_statistic_record"]]
    assert len(set(ids)) == len(ids)
    hourly = derive(apart(some), Rules(60, rules.max_silence_ms, rules.idle_includes_ringing, rules.contacts_handled))
    for table in ("agent_statistic_record", "agent_queue_statistic_record"):
        assert totals(result[table]) == totals(hourly[table])


def totals(rows):
    sums = defaultdict(int)
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int) and name not in ("interval_start_time", "interval_end_time", "published_date"):
                sums[row["instance_id"], name] += value
    return {key: value for key, value in sums.items() if value}


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(histories())
def test_every_routed_attempt_has_one_outcome(history):
    result = derive(history)
    tried = [t for _, _, t in result["attempts"] if t["entry"]["method"] not in AGENT_INITIATED]
    rows = result["agent_queue_statistic_record"]
    assert sum(r["contacts_offered"] for r in rows) == len(tried)
    outcomes = defaultdict(int)
    for t in tried:
        outcomes[t["outcome"]] += 1
    unheard = [t for t in tried if t["outcome"] == "NOT_PICKED_UP" and t["entry"]["method"] == "CALLBACK"]
    assert sum(r["callback_connecting_attempts"] for r in rows) == len(unheard)
    assert sum(r["agent_non_response"] for r in rows) == outcomes["NON_RESPONSE"]


# ---------------------------------------------------------------- declarations


@pytest.mark.parametrize(
    "name",
    ["agent_status_span", "agent_contact_span", "agent_statistic_record", "agent_queue_statistic_record"],
)
def test_the_sql_gives_the_declared_columns(con, name):
    sql_rows(con, [event(0, DAY), event(1, DAY + SECOND)], Rules(), [])
    table = BY_NAME[name]
    declared = {c.name for c in table.columns} - {table.processed_at}
    assert set(con.sql(f"FROM {name}").columns) == declared


def test_the_numbering_gives_the_declared_columns(con):
    made = numbered(con, [event(0, DAY, status=BREAK)])
    assert made.column_names == [c.name for c in BY_NAME["agent_status"].columns]
    assert plain(made.to_pylist()[0])["first_seen"] == DAY
