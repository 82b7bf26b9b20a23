"""Contact statistics: each rule by an example, SQL against the plain reading of the rules, and how far a change reaches."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contactlake.tables import BY_NAME
from contactlake.tables._contact_statistics import CONTACT_STATISTICS
from tests.agent_histories import STATUSES, blank, set_status
from tests.agent_statistics_sql import connect
from tests.contact_histories import DURATIONS, LARGEST, MOMENTS, apart, history
from tests.contact_statistics_sql import COLUMNS, differences, ordered, put, queries, sql_rows, statistics
from tests.reference.contact_statistics import derive

T = 1_704_153_600_000_000  # a midnight, in microseconds
SECOND = 1_000_000


@pytest.fixture(scope="module")
def con():
    with connect() as connection:
        yield connection


def record(contact_id="c", **known):
    """A finished contact of which nothing else is known but what is named; moments are seconds after a midnight."""
    whole = {**dict.fromkeys(COLUMNS), "instance_id": "i", "contact_id": contact_id, "disconnect_timestamp": 600}
    whole.update(known)
    for name in MOMENTS:
        whole[name] = whole[name] if whole[name] is None else T + round(whole[name] * SECOND)
    return whole


def only(con, *records, events=()):
    """The row of the first record; SQL and reference must agree on all."""
    rows = ordered(sql_rows(con, list(records), list(events)))
    assert rows == ordered(derive(records, events))
    return next(r for r in rows if r["contact_id"] == records[0]["contact_id"])


QUEUED = {"queue_enqueue_timestamp": 10}
HANDLED = {"agent_connected_to_agent_timestamp": 100, "agent_id": "u"}


# ---------------------------------------------------------------- which contacts


def test_a_row_for_every_contact_that_has_ended_and_no_other(con):
    records = [record("a"), record("b", disconnect_timestamp=None), record("c")]
    assert sorted(r["contact_id"] for r in sql_rows(con, records, [])) == ["a", "c"]


def test_a_record_of_which_only_the_end_is_known(con):
    row = only(con, record())
    times = [n for n in row if n.endswith("_ms")]
    flags = [n for n in row if n.startswith("is_")]
    assert (len(times), len(flags)) == (11, 26)
    assert [row[n] for n in times] == [None] * 11
    assert [row[n] for n in flags] == [0] * 26


def test_tasks_are_called_task(con):
    assert only(con, record(channel="TASKS"))["channel"] == "TASK"
    assert only(con, record(channel="EMAIL"))["channel"] == "EMAIL"


# ---------------------------------------------------------------- times


@pytest.mark.parametrize("method", ["INBOUND", "TRANSFER", "QUEUE_TRANSFER", "API"])
@pytest.mark.parametrize(
    ("known", "seconds"),
    [
        ({}, 598),
        ({"transfer_completed_timestamp": 50}, 48),
        ({"transfer_completed_timestamp": 50, **HANDLED}, 98),
        ({"transfer_completed_timestamp": 50, **HANDLED, **QUEUED}, 8),
        ({"queue_enqueue_timestamp": 1}, 0),
        ({"queue_enqueue_timestamp": 2.0019}, 0.001),
    ],
)
def test_flow_time_ends_where_the_flow_was_left(con, method, known, seconds):
    row = only(con, record(initiation_method=method, connected_to_system_timestamp=2, **known))
    assert row["contact_flow_time_ms"] == int(seconds * 1000)


def test_flow_time_of_a_contact_that_was_never_connected_is_0(con):
    assert only(con, record(initiation_method="INBOUND", **QUEUED))["contact_flow_time_ms"] == 0


@pytest.mark.parametrize("method", ["OUTBOUND", "CALLBACK", "DISCONNECT", "MONITOR", "", None])
def test_other_contacts_have_no_flow_time(con, method):
    row = only(con, record(initiation_method=method, connected_to_system_timestamp=2))
    assert row["contact_flow_time_ms"] is None


@pytest.mark.parametrize(
    ("known", "time"),
    [
        ({"queue_duration_ms": 7_000}, None),
        ({**QUEUED, "queue_duration_ms": 7_000, "queue_dequeue_timestamp": 50}, 7_000),
        ({**QUEUED, "queue_dequeue_timestamp": 50}, 40_000),
        ({**QUEUED, "queue_dequeue_timestamp": 5}, 0),
        ({**QUEUED, "queue_duration_ms": -1_000}, 0),
        ({**QUEUED, "queue_duration_ms": 0, "queue_dequeue_timestamp": 50}, 0),
        (QUEUED, None),
    ],
)
def test_queue_time_is_as_recorded_else_from_entering_to_leaving(con, known, time):
    row = only(con, record(**known))
    assert row["queue_time_ms"] == row["abandon_time_ms"] == time
    assert row["queue_answer_time_ms"] is None
    row = only(con, record(**known, **HANDLED))
    assert row["queue_time_ms"] == row["queue_answer_time_ms"] == time
    assert row["abandon_time_ms"] is None


def test_handle_time_is_what_the_record_says_not_a_difference_of_times(con):
    parts = ["agent_interaction_duration_ms", "agent_customer_hold_duration_ms",
             "agent_after_contact_work_duration_ms", "agent_pause_duration_ms"]  # fmt: skip
    amounts = dict(zip(parts, (1_000, 20_000, 300_000, 4_000_000), strict=True))
    assert only(con, record(**amounts, **HANDLED))["handle_time_ms"] == 4_321_000
    for name in parts:
        assert only(con, record(**{name: 5_000}))["handle_time_ms"] == 5_000
    assert only(con, record(**HANDLED))["handle_time_ms"] is None


def test_times_with_the_agent(con):
    known = {"agent_interaction_duration_ms": 7_000, "agent_customer_hold_duration_ms": 2_000,
             "agent_after_contact_work_duration_ms": 500}  # fmt: skip
    names = ["customer_hold_time_ms", "agent_interaction_time_ms", "after_contact_work_time_ms",
             "agent_interaction_outbound_time_ms", "after_contact_work_outbound_time_ms"]  # fmt: skip
    row = only(con, record(**known, **HANDLED, initiation_method="INBOUND"))
    assert [row[n] for n in names] == [2_000, 7_000, 500, None, None]
    row = only(con, record(**known, **HANDLED, initiation_method="OUTBOUND"))
    assert [row[n] for n in names] == [2_000, 7_000, 500, 7_000, 500]
    row = only(con, record(**known, initiation_method="OUTBOUND"))
    assert [row[n] for n in names] == [None] * 5
    row = only(con, record(**HANDLED, initiation_method="OUTBOUND"))
    assert [row[n] for n in names] == [None, None, 0, None, 0]


def test_interaction_and_hold_need_no_agent_in_the_record(con):
    name = "agent_interaction_and_hold_time_ms"
    assert only(con, record(agent_interaction_duration_ms=7_000))[name] == 7_000
    assert only(con, record(agent_customer_hold_duration_ms=2_000))[name] == 2_000
    known = {"agent_interaction_duration_ms": 7_000, "agent_customer_hold_duration_ms": 2_000}
    assert only(con, record(**known))[name] == 9_000
    assert only(con, record(agent_after_contact_work_duration_ms=1))[name] is None


def test_a_sum_that_no_column_can_hold_is_null_and_stops_nobody(con):
    row = only(con, record(**dict.fromkeys(DURATIONS, LARGEST), **HANDLED))
    assert (row["handle_time_ms"], row["agent_interaction_and_hold_time_ms"]) == (None, None)
    assert row["agent_interaction_time_ms"] == LARGEST


# ---------------------------------------------------------------- flags


def flags(row):
    """The flags that are 1."""
    return {name.removeprefix("is_") for name, value in row.items() if name.startswith("is_") and value == 1}


@pytest.mark.parametrize(
    ("method", "always", "handled"),
    [
        ("INBOUND", {"incoming"}, {"handled_incoming"}),
        ("TRANSFER", {"incoming", "transferred_in", "transferred_in_from_handled"}, {"handled_incoming"}),
        ("QUEUE_TRANSFER", {"incoming", "transferred_in", "transferred_in_from_queued"}, {"handled_incoming"}),
        ("OUTBOUND", set(), {"handled_outbound"}),
        ("EXTERNAL_OUTBOUND", set(), set()),
        ("CALLBACK", {"callback_contact"}, {"callback_handled"}),
        ("API", {"api_contact"}, {"api_handled"}),
        ("MONITOR", set(), set()),
        (None, set(), set()),
    ],
)
def test_flags_of_methods(con, method, always, handled):
    assert flags(only(con, record(initiation_method=method))) == always
    assert flags(only(con, record(initiation_method=method, **HANDLED))) == always | handled | {"handled"}


def test_queued_connected_and_put_on_hold(con):
    assert flags(only(con, record(**QUEUED, **HANDLED))) == {"queued", "handled", "queued_and_handled"}
    assert flags(only(con, record(connected_to_system_timestamp=1))) == {"connected"}
    assert flags(only(con, record(agent_number_of_holds=2))) == {"put_on_hold"}
    assert flags(only(con, record(agent_number_of_holds=0))) == set()


def test_the_agent_hung_up_first_only_where_one_handled_it(con):
    assert flags(only(con, record(disconnect_reason="AGENT_DISCONNECT"))) == set()
    row = only(con, record(disconnect_reason="AGENT_DISCONNECT", **HANDLED))
    assert flags(row) == {"handled", "agent_hung_up_first"}


@pytest.mark.parametrize(
    ("known", "next_method", "abandoned"),
    [
        ({}, None, 1),
        ({"next_contact_id": ""}, None, 1),
        ({"next_contact_id": "n"}, "CALLBACK", 0),
        ({"next_contact_id": "n"}, "QUEUE_TRANSFER", 0),
        ({"next_contact_id": "n"}, "DISCONNECT", 1),
        ({"next_contact_id": "n"}, None, 0),
        ({"next_contact_id": "late"}, None, 0),
        ({"transfer_completed_timestamp": 20}, None, 0),
        ({"transfer_completed_timestamp": 20, "next_contact_id": "n"}, "DISCONNECT", 0),
        (HANDLED, None, 0),
        ({"queue_enqueue_timestamp": None}, None, 0),
    ],
)
def test_abandoned(con, known, next_method, abandoned):
    follower = record("n", initiation_method=next_method)
    elsewhere = {**record("late", initiation_method="DISCONNECT"), "instance_id": "j"}
    row = only(con, record(**{**QUEUED, **known}), follower, elsewhere)
    assert row["is_abandoned"] == abandoned


OUT = {"transferred_out"}


@pytest.mark.parametrize(
    ("known", "next_method", "expected"),
    [
        ({}, "TRANSFER", OUT | {"transferred_out_internal"}),
        ({}, "QUEUE_TRANSFER", OUT | {"transferred_out_internal", "transferred_out_from_queued"}),
        (HANDLED, "QUEUE_TRANSFER", OUT | {"transferred_out_internal", "transferred_out_from_handled"}),
        (HANDLED, "TRANSFER", OUT | {"transferred_out_internal", "transferred_out_from_handled"}),
        ({}, "CALLBACK", set()),
        ({}, None, set()),
        ({"transferred_endpoint_address": "+1"}, "CALLBACK", set()),
        ({"transfer_completed_timestamp": 20}, "CALLBACK", OUT | {"transferred_out_internal"}),
        (
            {"transferred_endpoint_address": "", "transfer_completed_timestamp": 20},
            None,
            OUT | {"transferred_out_internal"},
        ),
        (
            {"transferred_endpoint_address": "+1", "transfer_completed_timestamp": 20},
            None,
            OUT | {"transferred_out_external", "transferred_out_external_from_contact_flow"},
        ),
        (
            {"transferred_endpoint_address": "+1", "transfer_completed_timestamp": 20, **HANDLED},
            None,
            OUT | {"transferred_out_external", "transferred_out_from_handled"},
        ),
    ],
)
def test_transferred_out(con, known, next_method, expected):
    follower = record("n", initiation_method=next_method)
    row = only(con, record(next_contact_id="n", **known), follower)
    assert {f for f in flags(row) if f.startswith("transferred_out")} == expected


# ---------------------------------------------------------------- ended on hold


def event(number, at, *contacts, user="u", previous=()):
    """An event at ``at`` seconds; contacts are ``(id, state, since)``."""
    made = blank(number, "i", user, T + at * SECOND)
    for side, some in (("current", contacts), ("previous", previous)):
        set_status(made, side, STATUSES[0], T)
        made[f"{side}_contacts"] = [
            {
                "contact_id": contact,
                "initial_contact_id": None,
                "channel": "VOICE",
                "initiation_method": "INBOUND",
                "state": state,
                "state_start_timestamp": T + since * SECOND,
                "connected_to_agent_timestamp": None,
                "queue_timestamp": None,
                "queue": None,
            }
            for contact, state, since in some
        ]
    return made


def chained(*contacts):
    """Events of one instant, each of which shows another contact; the chain of snapshots gives their order."""
    steps = [(), *((contact,) for contact in contacts)]
    return [event(0, 1), *(event(9, 5, *now, previous=was) for was, now in pairwise(steps))]


TALK, HOLD, WORK = ("c", "CONNECTED", 1), ("c", "CONNECTED_ONHOLD", 5), ("c", "ENDED", 9)


HOLDS = {
    "no events": ([], 0),
    "never on hold": ([event(1, 1, TALK), event(2, 9)], 0),
    "gone while on hold": ([event(1, 1, TALK), event(2, 5, HOLD), event(3, 9)], 1),
    "after-contact work after the hold": ([event(1, 1, TALK), event(2, 5, HOLD), event(3, 9, WORK), event(4, 20)], 1),
    "after-contact work goes on at the last event": ([event(1, 1, TALK), event(2, 5, HOLD), event(3, 9, WORK)], 1),
    "still on hold at the last event": ([event(1, 1, TALK), event(2, 5, HOLD), event(3, 9, HOLD)], 0),
    "the last event begins the hold": ([event(1, 1, TALK), event(2, 5, HOLD)], 0),
    "taken back": ([event(1, 5, HOLD), event(2, 7, ("c", "CONNECTED", 7)), event(3, 9)], 0),
    "two states of after-contact work": (
        [event(1, 5, HOLD), event(2, 9, WORK), event(3, 12, ("c", "ENDED", 12)), event(4, 20)],
        1,
    ),
    "nothing but after-contact work": ([event(1, 9, WORK), event(2, 20)], 0),
    "a long silence on hold": ([event(1, 5, HOLD), event(2, 4000), event(3, 4001)], 1),
    "the last appearance counts, on hold before": (
        [event(1, 5, HOLD), event(2, 9), event(3, 10, ("c", "CONNECTED", 10)), event(4, 20)],
        0,
    ),
    "the last appearance counts, on hold then": ([event(1, 1, TALK), event(2, 3), event(3, 5, HOLD), event(4, 20)], 1),
    "the hold was seen in a previous snapshot only": (
        [event(1, 1, TALK), event(2, 9, WORK, previous=[HOLD]), event(3, 20)],
        1,
    ),
    "on hold with another agent": (
        [event(1, 1, TALK, user="v"), event(2, 5, HOLD, user="v"), event(3, 9, user="v")],
        0,
    ),
    "appearances within one instant, the last connected": (
        chained(("c", "CONNECTED_ONHOLD", 5), ("d", "CONNECTED", 5), ("c", "CONNECTED", 5), ("d", "ENDED", 5)),
        0,
    ),
    "appearances within one instant, the last on hold": (
        chained(("c", "CONNECTED", 5), ("d", "CONNECTED", 5), ("c", "CONNECTED_ONHOLD", 5), ("d", "ENDED", 5)),
        1,
    ),
}


@pytest.fixture(scope="module")
def held(con):
    """Every case in an instance of its own: and the same contact elsewhere."""
    records, events = [], []
    for name, (some, _) in HOLDS.items():
        records += [{**record(**HANDLED), "instance_id": name}, {**record(**HANDLED), "instance_id": f"not {name}"}]
        events += [{**e, "instance_id": name, "event_id": f"e{n}"} for n, e in enumerate(some)]
    assert differences(con, records, events) == []
    return {r["instance_id"]: r["is_hold_disconnect"] for r in sql_rows(con, records, events)}


@pytest.mark.parametrize("name", HOLDS)
def test_ended_on_hold(held, name):
    assert held[name] == HOLDS[name][1]
    assert held[f"not {name}"] == 0


def test_without_an_agent_in_the_record_nobody_knows_of_a_hold(con):
    events = [event(1, 5, HOLD), event(2, 9)]
    assert only(con, record(**HANDLED), events=events)["is_hold_disconnect"] == 1
    for other in ({}, {"agent_id": ""}, {"agent_id": "v"}):
        assert only(con, record(**other), events=events)["is_hold_disconnect"] == 0


@pytest.mark.parametrize(
    ("reason", "whose"),
    [("AGENT_DISCONNECT", "agent"), ("CUSTOMER_DISCONNECT", "customer"), ("OTHER", None), (None, None)],
)
def test_who_ended_it_on_hold(con, reason, whose):
    events = [event(1, 5, HOLD), event(2, 9)]
    row = only(con, record(disconnect_reason=reason, **HANDLED), events=events)
    found = {f for f in flags(row) if f.startswith("hold_")}
    assert found == {"hold_disconnect", *([f"hold_{whose}_disconnect"] if whose else [])}
    assert not flags(only(con, record(disconnect_reason=reason, **HANDLED))) & found


# ---------------------------------------------------------------- SQL and the plain reading


def batch(number, size=120):
    """Random histories."""
    chance = random.Random(number)
    return [history(chance) for _ in range(size)]


FEW = settings(max_examples=4, phases=[Phase.generate])
MANY = settings(FEW, max_examples=150)
NUMBERS = st.integers(0, 2**32)


def check_agreement(con, number):
    many = batch(number)
    records, events = apart(many)
    random.Random(number).shuffle(records)
    random.Random(number).shuffle(events)
    if differences(con, records, events):
        pytest.fail(str(next((h, d) for h in many if (d := differences(con, *h)))))


@FEW
@given(NUMBERS)
def test_sql_and_reference_agree(con, number):
    check_agreement(con, number)


@pytest.mark.soak
@MANY
@given(NUMBERS)
def test_sql_and_reference_agree_long(con, number):
    check_agreement(con, number)
    check_reach(con, number)


def test_random_histories_reach_every_flag():
    """The generator is worth its tests: no flag is always 0 or always 1, no time always null."""
    seen = derive(*apart(batch(1, 2_000)))
    for name in seen[0]:
        values = {row[name] for row in seen}
        if name.startswith("is_"):
            assert values == {0, 1}, name
        if name.endswith("_ms"):
            assert None in values and max(v for v in values if v is not None) > 0, name


# ---------------------------------------------------------------- reach


def changed(chance, before):
    """The history after something came, went or changed."""
    records = [dict(r) for r in before[0] if chance.random() < 0.8]
    for some in records:
        if chance.random() < 0.3:
            some["initiation_method"] = chance.choice(["DISCONNECT", "TRANSFER", "INBOUND"])
    return records, [e for e in before[1] if chance.random() < 0.8]


def reached(con):
    """The contacts that the change from the tables before to the tables after concerns."""
    for relation, query in queries("_after").items():
        con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS {query}")
    found = set()
    for table, reach in CONTACT_STATISTICS.reach.items():
        name, columns = {"contact_record": "records", "agent_contact_span": "spans"}[table], ", ".join(reach.columns)
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW _change AS "
            f"SELECT {columns}, FALSE AS added FROM (FROM {name}_before EXCEPT FROM {name}_after) UNION ALL "
            f"SELECT {columns}, TRUE FROM (FROM {name}_after EXCEPT FROM {name}_before)"
        )
        found |= {subject for (subject,) in con.execute(reach.sql).fetchall()}
    return found


def check_reach(con, number):
    """Deriving the contacts that a change reaches, and leaving the others as they were, is deriving all."""
    many, chance = batch(number), random.Random(number)
    latter = [changed(chance, some) if chance.random() < 0.5 else some for some in many]
    put(con, *apart(many), name="_before")
    before = statistics(con, "_before")
    put(con, *apart(latter), name="_after")
    after = statistics(con, "_after")
    subjects = reached(con)
    con.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT UNNEST(?::VARCHAR[]) AS subject", [sorted(subjects)])
    fresh = statistics(con, "_after", "SELECT subject FROM wanted")
    kept = [row for row in before if row["contact_id"] not in subjects]
    assert len(kept) > len(before) / 4
    assert ordered(kept + fresh) == ordered(after)


@FEW
@given(NUMBERS)
def test_what_a_change_reaches_is_all_that_differs(con, number):
    check_reach(con, number)


# ---------------------------------------------------------------- declaration


def test_the_sql_gives_the_declared_columns(con):
    table = BY_NAME["contact_statistic_record"]
    assert set(sql_rows(con, [record()], [])[0]) == {c.name for c in table.columns} - {table.processed_at}
