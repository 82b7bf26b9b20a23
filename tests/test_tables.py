"""The declared tables: held to the documented facts in golden/tables.json, and described well enough to read."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from contactlake.model.stream import Stream
from contactlake.model.table import PROCESSED_AT, Column, Table
from contactlake.model.types import BIGINT, TIMESTAMP, Arn, Array, Map, Struct, Take, Type
from contactlake.streams import STREAMS
from contactlake.tables import BY_NAME as EVERY_TABLE
from contactlake.tables import OUR_TABLES, VENDOR_TABLES

GOLDEN = json.loads((Path(__file__).parent / "golden" / "tables.json").read_text())
BY_NAME = {table.name: table for table in VENDOR_TABLES}

WITH_SOURCE = (
    "agent_event",
    "contact_record",
    "agent_statistic_record",
    "agent_queue_statistic_record",
    "contact_statistic_record",
    "contact_lens_conversational_analytics",
    "contact_evaluation_record",
    "contact_flow_events",
    "users",
    "routing_profiles",
    "agent_hierarchy_groups",
)

every_table = pytest.mark.parametrize("table", VENDOR_TABLES, ids=[table.name for table in VENDOR_TABLES])


def spelled(column: Column) -> str:
    return f"{column.name} {column.type}" + (" not null" if column.required else "")


def structs(type: Type) -> list[Struct]:
    if isinstance(type, Array):
        return structs(type.item)
    if isinstance(type, Map):
        return structs(type.value)
    if isinstance(type, Struct):
        return [type, *(inner for f in type.fields for inner in structs(f.type))]
    return []


def test_all_48_tables_in_the_documented_order():
    assert len(VENDOR_TABLES) == 48
    assert [table.name for table in VENDOR_TABLES] == list(GOLDEN)


@every_table
def test_table_is_as_documented(table: Table):
    want = GOLDEN[table.name]
    assert [spelled(column) for column in table.columns] == want["columns"]
    assert list(table.primary_key) == want["primary_key"]
    assert table.partition_by == want["partition_by"]
    assert table.age_column == want["age_column"]
    assert not table.ours


def test_column_counts_of_the_tables_with_a_source():
    counts = {name: len(BY_NAME[name].columns) for name in WITH_SOURCE}
    assert counts == {
        "agent_event": 67,
        "contact_record": 153,
        "agent_statistic_record": 80,
        "agent_queue_statistic_record": 40,
        "contact_statistic_record": 48,
        "contact_lens_conversational_analytics": 35,
        "contact_evaluation_record": 46,
        "contact_flow_events": 22,
        "users": 31,
        "routing_profiles": 12,
        "agent_hierarchy_groups": 10,
    }


@every_table
def test_primary_key_cannot_be_null(table: Table):
    assert all(table.by_name[name].required for name in table.primary_key)


@every_table
def test_table_has_one_processed_at_column(table: Table):
    named = [column for column in table.columns if column.name.lower() == PROCESSED_AT]
    assert [column.name for column in named] == [table.processed_at]
    assert named[0].type == TIMESTAMP
    assert named[0].path is None


@every_table
def test_everything_is_described(table: Table):
    assert table.doc.endswith(".")
    for column in table.columns:
        assert column.doc.endswith((".", ")", "…")), column.name


@every_table
def test_no_two_columns_of_a_table_are_described_alike(table: Table):
    assert [doc for doc, n in Counter(column.doc for column in table.columns).items() if n > 1] == []


def test_no_two_columns_of_the_tables_with_a_source_are_described_alike():
    docs = Counter(column.doc for name in WITH_SOURCE for column in BY_NAME[name].columns)
    assert [doc for doc, n in docs.items() if n > 1] == []


@pytest.mark.parametrize("name", ["agent_event", "contact_record"])
def test_every_streamed_column_has_a_path_or_says_why_not(name: str):
    table = BY_NAME[name]
    for column in table.columns:
        has_reason = "The stream has no source" in column.doc or column.name == table.processed_at
        assert bool(column.path) != has_reason, column.name


@every_table
def test_rules_fit_their_columns(table: Table):
    for column in table.columns:
        if column.take is Take.SECONDS:
            assert column.type == BIGINT, column.name
            assert column.name.endswith("_ms"), column.name
        if column.take is not Take.VALUE:
            assert column.path, column.name
        if isinstance(column.take, Arn):
            assert column.name.endswith("_id"), column.name
        if column.name.endswith("_ms"):
            assert column.unit == "ms", column.name


@every_table
def test_structs_do_not_repeat_a_field(table: Table):
    for column in table.columns:
        for struct in structs(column.type):
            names = [f.name for f in struct.fields]
            assert len(names) == len(set(names)), column.name
            assert all(f.key for f in struct.fields), column.name


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("agent_event", "current_agent_hierarchy_groups_level_{}_arn"),
        ("agent_event", "previous_agent_hierarchy_groups_level_{}_name"),
        ("contact_record", "agent_hierarchy_groups_level_{}_id"),
        ("agent_statistic_record", "agent_hierarchy_level_{}_id"),
        ("agent_queue_statistic_record", "agent_hierarchy_level_{}_arn"),
        ("users", "agent_hierarchy_group_level_{}_id"),
    ],
)
def test_hierarchy_has_five_levels_told_apart(name: str, pattern: str):
    columns = [BY_NAME[name].by_name[pattern.format(level)] for level in range(1, 6)]
    assert pattern.format(6) not in BY_NAME[name].by_name
    assert all(f"level {level}" in column.doc for level, column in enumerate(columns, 1))
    assert all(f"Level{level}." in column.path for level, column in enumerate(columns, 1) if column.path)


def test_custom_states_are_numbered_01_to_50():
    names = [column.name for column in BY_NAME["agent_statistic_record"].columns]
    assert [name for name in names if name.startswith("custom_state_time_")] == [
        f"custom_state_time_{number:02d}" for number in range(1, 51)
    ]


def test_both_snapshots_of_an_agent_event_are_read_alike():
    columns = BY_NAME["agent_event"].by_name
    for name, column in columns.items():
        twin = columns.get(name.replace("previous_", "current_", 1))
        if name.startswith("previous_") and column.path:
            assert twin is not None
            assert twin.type == column.type
            assert twin.path == column.path.replace("PreviousAgentSnapshot", "CurrentAgentSnapshot")


def test_personal_data_is_marked():
    record, event, users = (BY_NAME[name].by_name for name in ("contact_record", "agent_event", "users"))
    assert all(record[name].sensitive for name in ("customer_endpoint_address", "attributes", "agent_username"))
    assert all(event[f"current_configuration_{part}"].sensitive for part in ("username", "first_name", "last_name"))
    assert all(users[name].sensitive for name in ("agent_email", "mobile", "desk_phone_number", "last_name"))


every_stream = pytest.mark.parametrize("stream", STREAMS, ids=[stream.name for stream in STREAMS])


@every_stream
def test_streams_name_columns_of_their_tables(stream: Stream):
    table = EVERY_TABLE[stream.table]
    assert table.by_name[stream.event_time].type == TIMESTAMP
    assert stream.event_time == table.partition_by
    assert stream.version in table.by_name


@every_stream
def test_columns_take_only_what_stands_beside_a_record(stream: Stream):
    """``@name.<group>`` is a group of the stream's pattern; the others are ``@landed`` and ``@digest``."""
    groups = re.compile(stream.name_pattern or "").groupindex
    known = {("@landed",), ("@digest",), *(("@name", group) for group in groups)}
    paths = {path for column in EVERY_TABLE[stream.table].columns for path in column.paths}
    assert {path for path in paths if path[0].startswith("@")} <= known


def test_a_second_table_has_the_key_and_the_day_of_the_first():
    for stream in (s for s in STREAMS if s.also):
        first, second = EVERY_TABLE[stream.table], EVERY_TABLE[stream.also.table]
        assert second.ours
        assert second.primary_key == first.primary_key
        assert second.partition_by == first.partition_by
        for name in (*second.primary_key, second.partition_by):
            assert (second.by_name[name].path, second.by_name[name].take) == (
                first.by_name[name].path,
                first.by_name[name].take,
            )
        assert set(stream.also.needs) < set(second.by_name)
        assert not any(path[0].startswith("@") for column in second.columns for path in column.paths)


@pytest.mark.parametrize("table", OUR_TABLES, ids=[table.name for table in OUR_TABLES])
def test_tables_of_our_own_are_described_and_keyed(table: Table):
    assert table.ours
    assert table.doc.endswith(".")
    docs = [column.doc for column in table.columns]
    assert all(doc.endswith((".", "…")) for doc in docs)
    assert len(set(docs)) == len(docs)
    assert all(table.by_name[name].required for name in table.primary_key)
    assert table.partition_by is None or table.by_name[table.partition_by].required
    for column in table.columns:
        assert not column.name.endswith("_ms") or column.unit == "ms", column.name
        assert not isinstance(column.take, Arn) or column.name.endswith("_id"), column.name
        assert not column.name.endswith("_ms") or column.type == BIGINT, column.name


def test_no_two_columns_of_the_raw_tables_are_described_alike():
    names = [*dict.fromkeys([*WITH_SOURCE, *(stream.table for stream in STREAMS)])]
    docs = Counter(column.doc for name in names for column in EVERY_TABLE[name].columns)
    assert [doc for doc, n in docs.items() if n > 1] == []
