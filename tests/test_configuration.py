"""Who an agent was, and when: agent_configuration and resource_name, users and what follows, against a plain reading."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import contactlake
from contactlake import by_subject
from contactlake.build.derive import run
from contactlake.model.arrow import arrow_type
from contactlake.pipeline import BY_NAME
from contactlake.tables._configuration import CONFIGURATION
from contactlake.tables._directory import USERS_FAMILY
from contactlake.tables._named import VIEWS
from tests.lakes import Clock, centre, comparable, events_of, write
from tests.simulated import documents, last

INSTANCE = "arn:aws:connect:eu-west-1:111122223333:instance/aaaa"
MIDNIGHT = datetime(2025, 3, 4, tzinfo=UTC)
TABLES = ("agent_configuration", "resource_name", "users", "routing_profiles", "agent_hierarchy_groups")


# by the book: small made-up histories ----------------------------------------------------------------------------------

LOOKS = [  # username, profile, groups
    ("ann", ("p1", "Voice"), ()),
    ("ann", ("p2", "Chat"), ()),
    ("ann", ("p1", "Voice 2"), (("g1", "North"),)),
    (None, ("p1", "Voice"), (("g1", "North"), ("g2", "Team"))),
]
INSTANTS = [MIDNIGHT + timedelta(seconds=s) for s in (-90, -1, 0, 1, 60, 61)]


def arn(kind: str, id_: str) -> str:
    return f"{INSTANCE}/{kind}/{id_}"


def event(agent: str, at: datetime, id_: str, look: tuple) -> dict:
    username, (profile, name), groups = look
    return {
        "instance_id": "aaaa",
        "instance_arn": INSTANCE,
        "agent_arn": arn("agent", agent),
        "event_id": id_,
        "event_timestamp": at,
        "current_configuration_username": username,
        "current_routing_profile_arn": arn("routing-profile", profile),
        "current_routing_profile_name": name,
        **{
            f"current_agent_hierarchy_groups_level_{n}_arn": arn("agent-group", g) for n, (g, _) in enumerate(groups, 1)
        },
        **{f"current_agent_hierarchy_groups_level_{n}_name": name for n, (_, name) in enumerate(groups, 1)},
    }


def contact(agent: str, began: datetime, connected: datetime, id_: str, look: tuple) -> dict:
    username, (profile, name), groups = look
    return {
        "instance_id": "aaaa",
        "instance_arn": INSTANCE,
        "agent_arn": arn("agent", agent),
        "contact_id": id_,
        "initiation_timestamp": began,
        "agent_connected_to_agent_timestamp": connected,
        "agent_username": username,
        "agent_routing_profile_arn": arn("routing-profile", profile),
        "agent_routing_profile_name": name,
        **{f"agent_hierarchy_groups_level_{n}_arn": arn("agent-group", g) for n, (g, _) in enumerate(groups, 1)},
        **{f"agent_hierarchy_groups_level_{n}_name": name for n, (_, name) in enumerate(groups, 1)},
    }


agents = st.sampled_from(["a", "b"])
looks = st.sampled_from(LOOKS)
instants = st.sampled_from(INSTANTS)
histories = st.lists(st.tuples(agents, instants, looks), max_size=9)
contact_histories = st.lists(st.tuples(agents, instants, st.sampled_from([0, 1, 200]), looks), max_size=4)


def seen(events: list[dict], contacts: list[dict]) -> list[tuple]:
    """(source, agent, instant, id, look) of everything that shows an agent."""
    found = [
        ("agent_event", last(e["agent_arn"]), e["event_timestamp"], e["event_id"], shown(e, "current_")) for e in events
    ]
    for c in contacts:
        began, connected = c["initiation_timestamp"], c["agent_connected_to_agent_timestamp"]
        end = datetime.combine(began.date() + timedelta(days=1), datetime.min.time(), UTC) - timedelta(microseconds=1)
        told = max(began, min(connected, end))
        found.append(("contact_record", last(c["agent_arn"]), told, c["contact_id"], shown(c, "")))
    return found


def shown(row: dict, prefix: str) -> tuple:
    user = row.get("current_configuration_username" if prefix else "agent_username")
    profile = row["current_routing_profile_arn" if prefix else "agent_routing_profile_arn"]
    name = row["current_routing_profile_name" if prefix else "agent_routing_profile_name"]
    groups = "current_agent_hierarchy_groups" if prefix else "agent_hierarchy_groups"
    levels = tuple((last(row.get(f"{groups}_level_{n}_arn")), row.get(f"{groups}_level_{n}_name")) for n in range(1, 6))
    return user, last(profile), name, levels


def stretches(found: list[tuple]) -> list[tuple]:
    """(source, agent, look, first, last), by the book."""
    told: dict[tuple, tuple] = {}
    for source, agent, at, id_, look in found:
        key = (source, agent, at)
        if key not in told or told[key][0] < id_:
            told[key] = (id_, look)
    made: list[tuple] = []
    for (_, _, _), rows in itertools.groupby(
        sorted((s, a, at, look) for (s, a, at), (_, look) in told.items()),
        key=lambda r: (r[0], r[1], r[2].date()),
    ):
        before = None
        for source, agent, at, look in rows:
            if look == before:
                made[-1] = (*made[-1][:4], at)
            else:
                made.append((source, agent, look, at, at))
            before = look
    return made


def latest(made: list[tuple]) -> dict[str, tuple]:
    """By agent: the latest username, profile and groups."""
    known: dict[str, tuple] = {}
    for agent in {row[1] for row in made}:
        mine = sorted((row for row in made if row[1] == agent), key=lambda r: (r[4], r[0], r[3]))
        user = [r[2][0] for r in mine if r[2][0]]
        groups = [r[2][3] for r in mine if r[0] == "agent_event" or any(g for g, _ in r[2][3])]
        known[agent] = (
            user[-1] if user else None,
            mine[-1][2][1],
            tuple(g for g, _ in groups[-1]) if groups else (None,) * 5,
        )
    return known


def derived(events: list[dict], contacts: list[dict]) -> duckdb.DuckDBPyConnection:
    """The family of days and users run on rows."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    rows = {"agent_event": events, "contact_record": contacts, "directory_resource": []}
    for family in (CONFIGURATION, USERS_FAMILY):
        queries = {}
        for name, wanted in family.inputs.items():
            if wanted.table in rows:
                table = BY_NAME[wanted.table].by_name
                schema = pa.schema([(c, arrow_type(table[c].type)) for c in wanted.columns])
                con.register(f"given{name}", pa.Table.from_pylist(rows[wanted.table], schema))
                queries[name] = f"SELECT * FROM given{name}"
            else:
                queries[name] = f"SELECT {', '.join(wanted.columns)} FROM temp.{wanted.table}"
        run(con, family.derivation, queries, {"none": True})
    return con


@settings(max_examples=25)
@given(histories, contact_histories, st.randoms(use_true_random=False))
@example([("a", INSTANTS[0], LOOKS[0]), ("a", INSTANTS[3], LOOKS[0])], [], random.Random(1))
@example([("a", INSTANTS[2], LOOKS[i]) for i in (0, 1, 2)], [("a", INSTANTS[1], 200, LOOKS[1])], random.Random(1))
def test_stretches_are_as_a_plain_reading_finds_them(history, contact_history, chance):
    ids = [f"{n:02}" for n in range(20)]
    chance.shuffle(ids)
    events = [event(agent, at, id_, look) for (agent, at, look), id_ in zip(history, ids, strict=False)]
    contacts = [
        contact(agent, at, at + timedelta(seconds=later), id_, look)
        for (agent, at, later, look), id_ in zip(contact_history, reversed(ids), strict=False)
    ]
    want = stretches(seen(events, contacts))
    chance.shuffle(events)
    chance.shuffle(contacts)
    con = derived(events, contacts)
    levels = ", ".join(f"(agent_hierarchy_level_{n}_id, agent_hierarchy_level_{n}_name)" for n in range(1, 6))
    found = con.sql(
        "SELECT source, user_id, agent_username, agent_routing_profile_id, routing_profile_name, "
        f"{levels}, EPOCH_US(first_seen), EPOCH_US(last_seen) FROM agent_configuration"
    ).fetchall()
    assert sorted(map(str, found)) == sorted(
        str((s, a, *look[:3], *look[3], *(round(t.timestamp() * 1_000_000) for t in (first, end))))
        for s, a, look, first, end in want
    )
    level_ids = ", ".join(f"agent_hierarchy_group_level_{n}_id" for n in range(1, 6))
    users = con.sql(f"SELECT user_id, agent_username, agent_routing_profile_id, {level_ids} FROM users").fetchall()
    assert sorted(map(str, users)) == sorted(str((a, user, p, *g)) for a, (user, p, g) in latest(want).items())


def test_a_thing_with_two_names_on_a_day_has_each_at_its_time():
    names = [(0, "One"), (10, "One"), (20, "Two"), (30, "One"), (30, "Any")]
    events = [
        event("a" if n % 2 else "b", MIDNIGHT + timedelta(seconds=s), f"{n}", ("x", ("p", name), ()))
        for n, (s, name) in enumerate(names)
    ]
    con = derived(events, [])
    found = con.sql(
        "SELECT name, EPOCH(first_seen - TIMESTAMPTZ '2025-03-04 00:00:00Z'), "
        "EPOCH(last_seen - TIMESTAMPTZ '2025-03-04 00:00:00Z') FROM resource_name ORDER BY first_seen"
    ).fetchall()
    assert found == [("One", 0, 10), ("Two", 20, 20), ("One", 30, 30)]


def test_a_contact_names_only_what_no_event_of_the_day_names():
    events = [event("a", MIDNIGHT, "1", LOOKS[0])]
    contacts = [
        {**contact("a", MIDNIGHT, MIDNIGHT, "c1", ("ann", ("p1", "Voice, renamed later"), ())), "queue_name": "Sales"},
        {**contact("b", MIDNIGHT, MIDNIGHT, "c2", LOOKS[1]), "queue_arn": arn("queue", "q"), "queue_name": "Sales"},
    ]
    found = derived(events, contacts).sql("SELECT resource_type, resource_id, name FROM resource_name ORDER BY ALL")
    assert found.fetchall() == [
        ("QUEUE", "q", "Sales"),
        ("ROUTING_PROFILE", "p1", "Voice"),
        ("ROUTING_PROFILE", "p2", "Chat"),
    ]


def test_an_agents_name_is_told_by_contacts_on_days_without_events():
    full = {"current_configuration_first_name": "Ann", "current_configuration_last_name": "Lee"}
    day, later = timedelta(days=1), timedelta(hours=1)
    told = [  # agent, connected at, username
        *(("a", MIDNIGHT - day, "anna"), ("a", MIDNIGHT + later, "renamed later"), ("a", MIDNIGHT + day, "ann-lee")),
        *(("a", MIDNIGHT + 2 * day, None), ("b", MIDNIGHT, "bob")),
    ]
    con = derived(
        [{**event("a", MIDNIGHT, "1", LOOKS[0]), **full}],
        [contact(a, at, at, f"c{n}", (name, ("p1", "Voice"), ())) for n, (a, at, name) in enumerate(told)],
    )
    found = con.sql(
        f"SELECT user_id, first_seen, agent_username, agent_name FROM ({VIEWS['_named_agent']}) ORDER BY ALL"
    )
    assert found.to_arrow_table().to_pylist() == [
        {"user_id": agent, "first_seen": at, "agent_username": username, "agent_name": name}
        for agent, at, username, name in (
            ("a", MIDNIGHT - day, "anna", None),
            ("a", MIDNIGHT, "ann", "Ann Lee"),
            ("a", MIDNIGHT + day, "ann-lee", "Ann Lee"),
            ("b", MIDNIGHT, "bob", None),
        )
    ]


# a simulated centre, through a lake -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return centre(tmp_path_factory.mktemp("centre") / "raw", 3, agents=4, days=1)


@pytest.fixture(scope="module")
def whole(raw, tmp_path_factory):
    lake = contactlake.open(tmp_path_factory.mktemp("whole") / "lake", now=Clock())
    lake.ingest(raw / "agent-events", raw / "contact-records")
    return lake


def configured(document: dict) -> tuple:
    shown = document["CurrentAgentSnapshot"]["Configuration"]
    groups = shown.get("AgentHierarchyGroups") or {}
    levels = [groups.get(f"Level{n}") or {} for n in range(1, 6)]
    profile = shown["RoutingProfile"]
    names = (shown["Username"], shown["FirstName"], shown["LastName"], last(profile["ARN"]), profile["Name"])
    return (*names, *(last(level.get("ARN")) for level in levels))


def test_users_are_the_agents_of_the_centre(raw, whole):
    newest: dict[str, tuple] = {}
    for document in documents(raw / "agent-events"):
        agent, at = last(document["AgentARN"]), document["EventTimestamp"]
        if agent not in newest or newest[agent][0] < at:
            newest[agent] = (at, configured(document))
    levels = ", ".join(f"agent_hierarchy_group_level_{n}_id" for n in range(1, 6))
    found = whole.query(
        "SELECT user_id, agent_username, first_name, last_name, agent_routing_profile_id, routing_profile_name, "
        f"{levels} FROM users LEFT JOIN routing_profiles USING (agent_routing_profile_id)"
    ).rows()
    assert {r.pop("user_id"): tuple(r.values()) for r in found} == {a: look for a, (_, look) in newest.items()}
    groups = {r["agent_hierarchy_group_id"] for r in whole.query("SELECT * FROM agent_hierarchy_groups").rows()}
    assert groups == {id_ for _, look in newest.values() for id_ in look[5:] if id_}


def test_an_agent_who_changed_profile_has_two_stretches_with_the_right_names(raw, whole):
    looks = defaultdict(dict)
    for document in documents(raw / "agent-events"):
        at = document["EventTimestamp"]
        looks[last(document["AgentARN"]), at[:10]][at] = configured(document)
    want = {
        key: [look[:5] for look, _ in itertools.groupby(mine[at] for at in sorted(mine))] for key, mine in looks.items()
    }
    assert any(len(mine) > 1 for mine in want.values())
    found = defaultdict(list)
    for row in whole.query(
        "SELECT user_id, first_seen, agent_username, first_name, last_name, agent_routing_profile_id, "
        "routing_profile_name FROM agent_configuration WHERE source = 'agent_event' ORDER BY first_seen"
    ).rows():
        found[row["user_id"], row["first_seen"].date().isoformat()].append(tuple(row.values())[2:])
    assert found == want


def test_the_question_of_the_docs_names_the_agents_of_contacts(raw, whole):
    page = (Path(__file__).parent.parent / "docs" / "names.md").read_text(encoding="utf-8")
    sql = page.split("```sql")[1].split("```")[0]
    found = {r["contact_id"]: r["first_name"] for r in whole.query(sql).rows()}
    records = whole.query("SELECT contact_id, agent_id FROM contact_record").rows()
    assert found.keys() == {r["contact_id"] for r in records}
    assert all((found[r["contact_id"]] is None) == (r["agent_id"] is None) for r in records)


def test_order_and_chunks_make_no_difference(raw, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(by_subject, "GROUP_ROWS", 500)  # no two days at a time
    everything = [*events_of(raw), *documents(raw / "contact-records")]
    random.Random(1).shuffle(everything)
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    lake.ingest(write(tmp_path / "many.jsonl", everything[30:]))
    lake.ingest(write(tmp_path / "few.jsonl", everything[:30]))  # so few that only what they reach is derived
    for table in TABLES:
        assert comparable(lake, table) == comparable(whole, table), table
    assert lake.build("2025-03-04", "2025-03-04").tables == {}
    assert lake.build().tables == {}


def test_an_agent_known_only_from_contacts_is_a_user(raw, tmp_path):
    records = [r for r in documents(raw / "contact-records") if r.get("Agent")]
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    lake.ingest(write(tmp_path / "records.jsonl", records))
    found = {r["user_id"]: r["agent_username"] for r in lake.query("SELECT * FROM users").rows()}
    assert found == {last(r["Agent"]["ARN"]): r["Agent"]["Username"] for r in records}
    at = lake.query("SELECT MAX(data_lake_last_processed_timestamp) AS at FROM users").rows()
    lake.ingest(write(tmp_path / "again.jsonl", [{**records[0], "LastUpdateTimestamp": "2025-03-09T00:00:00Z"}]))
    assert lake.query("SELECT MAX(data_lake_last_processed_timestamp) AS at FROM users").rows() == at
