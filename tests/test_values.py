"""Odd values: every row of the table of outcomes, for single values and through a whole lake."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from samples import agent_event, contact_record, text

from contactlake.decode.decoder import Decoder
from contactlake.decode.nested import _usual_timestamps
from contactlake.decode.parse import parse
from contactlake.decode.values import BadValue, converter, to_timestamp
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP, Take
from contactlake.pipeline import BY_NAME, STREAMS

BAD = object()


def convert(type_: Any, raw: str, take: Take = Take.VALUE) -> Any:
    try:
        return converter(type_, take)(parse(f'{{"v":{raw}}}'.encode())["v"])
    except BadValue:
        return BAD


def micros(*when: int) -> int:
    delta = datetime(*when, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)  # type: ignore[arg-type,misc]
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("5", 5), ("5.0", 5), ("1e3", 1000), ('"5"', 5), ('"5.0"', 5), ("-7", -7), ("0", 0), ("-0", 0), ("-0.0", 0),
        ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)), ("9007199254740993", 2**53 + 1),
        ("9007199254740993.0", 2**53 + 1), ("0.5e1", 5), ("5000e-3", 5),
        ("1.7", BAD), ('"007"', BAD), ('"5 "', BAD), ('" 5"', BAD), ('"+5"', BAD), ('"٥"', BAD), ('"5_0"', BAD),
        ("true", BAD), ("false", BAD), ("9223372036854775808", BAD), ("-9223372036854775809", BAD),
        ("9223372036854775807.5", BAD), ("1e400", BAD), ("1e-400", BAD), ("1e9999999999999999999", BAD),
        ("1e-9999999999999999999", BAD), ('"1e400"', BAD), ("9" * 4000, BAD), ("{}", BAD), ("[]", BAD), ("[5]", BAD),
        ('"NaN"', BAD), ('"null"', BAD), ('""', None), ('"0x10"', BAD), ('"5\\n"', BAD),
    ],
)  # fmt: skip
def test_bigint(raw: str, expected: Any) -> None:
    assert convert(BIGINT, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1.5", 1500), ("1", 1000), ("0.001", 1), ("1e-3", 1), ('"1.5"', 1500), ("0.0005", BAD), ("1.0001", BAD),
        ("9223372036854775.807", 2**63 - 1), ("9223372036854775.808", BAD), ("9223372036854776", BAD), ('""', None),
        ("0.1", 100), ("0.29", 290), ("1.005", 1005), ("true", BAD), ("[1]", BAD),
    ],
)  # fmt: skip
def test_seconds(raw: str, expected: Any) -> None:
    assert convert(BIGINT, raw, Take.SECONDS) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('"x"', "x"), ('""', ""), ("5", "5"), ("5.50", "5.50"), ("1e400", "1e400"), ("true", "true"),
        ("9223372036854775808", "9223372036854775808"), ("{}", BAD), ("[]", BAD), ('"null"', "null"),
        ('"a\\u0000b"', "a\x00b"), ('"\\ud83d\\ude00"', "\U0001f600"), ('" x "', " x "),
    ],
)  # fmt: skip
def test_string(raw: str, expected: Any) -> None:
    assert convert(STRING, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1.5", 1.5), ("2", 2.0), ('"2.5"', 2.5), ("1e308", 1e308), ("1e309", BAD), ("-1e400", BAD), ("true", BAD),
        ('""', None), ("9007199254740993", BAD), ('"nan"', BAD), ('"inf"', BAD), ("{}", BAD),
    ],
)  # fmt: skip
def test_double(raw: str, expected: Any) -> None:
    assert convert(DOUBLE, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("true", True), ("false", False), ('"true"', True), ('"false"', False), ('""', None), ("1", BAD), ('"yes"', BAD)],
)
def test_boolean(raw: str, expected: Any) -> None:
    assert convert(BOOLEAN, raw) is expected


TIMESTAMPS = [
    ("2024-02-29T09:15:00Z", micros(2024, 2, 29, 9, 15)),
    ("2024-02-29T09:15:00.123Z", micros(2024, 2, 29, 9, 15, 0, 123000)),
    ("2024-02-29T09:15:00.123456Z", micros(2024, 2, 29, 9, 15, 0, 123456)),
    ("2024-02-29T09:15:00.1234569Z", micros(2024, 2, 29, 9, 15, 0, 123456)),
    ("2024-02-29T09:15:00.1234569999999999Z", micros(2024, 2, 29, 9, 15, 0, 123456)),
    ("2024-02-29T09:15:00+01:00", micros(2024, 2, 29, 8, 15)),
    ("2024-02-29T00:15:00+0530", micros(2024, 2, 28, 18, 45)),
    ("2024-02-29T09:15:00-08", micros(2024, 2, 29, 17, 15)),
    ("2024-02-29T09:15:00", micros(2024, 2, 29, 9, 15)),
    ("1970-01-01T00:00:00Z", 0),
    ("1969-12-31T23:59:59.999Z", -1000),
    ("0001-01-01T00:00:00Z", micros(1, 1, 1)),
    ("9999-12-31T23:59:59.999999Z", micros(9999, 12, 31, 23, 59, 59, 999999)),
    ("", None),
    ("2024-02-30T00:00:00Z", BAD),
    ("2023-02-29T00:00:00Z", BAD),
    ("2024-13-01T00:00:00Z", BAD),
    ("2024-01-01T24:00:00Z", BAD),
    ("2024-01-01T00:60:00Z", BAD),
    ("2024-01-01T00:00:60Z", BAD),
    ("0000-01-01T00:00:00Z", BAD),
    ("10000-01-01T00:00:00Z", BAD),
    ("0001-01-01T00:00:00+01:00", BAD),
    ("9999-12-31T23:59:59-01:00", BAD),
    ("2024-01-01T00:00:00Z ", BAD),
    (" 2024-01-01T00:00:00Z", BAD),
    ("2024-01-01T00:00:00.Z", BAD),
    ("2024-01-01T00:00:00+25:00", BAD),
    ("yesterday", BAD),
    ("null", BAD),
    ("1700000000", BAD),
    ("２024-01-01T00:00:00Z", BAD),
]


@pytest.mark.parametrize(("given_", "expected"), TIMESTAMPS)
def test_timestamp(given_: str, expected: Any) -> None:
    assert convert(TIMESTAMP, json.dumps(given_)) == expected


@pytest.mark.parametrize("raw", ["0", "1700000000", "1.5", "true", "{}", "[]"])
def test_timestamp_is_text(raw: str) -> None:
    assert convert(TIMESTAMP, raw) is BAD


def decoded(*records: bytes) -> tuple[list[dict[str, Any]], list[Any]]:
    decoder = Decoder(STREAMS, BY_NAME, 1 << 20)
    rows: list[dict[str, Any]] = []
    bad: list[Any] = []
    for batch in decoder.decode([b"\n".join(records)]):
        rows += [row for part in batch.rows for row in part.rows.to_pylist()]
        bad += batch.quarantined
    assert len(rows) + len(bad) == len(records)
    return rows, bad


@pytest.mark.parametrize(("given_", "expected"), TIMESTAMPS)
def test_timestamp_column(given_: str, expected: Any) -> None:
    """Whole columns take another way than single values; the outcome is the same, alone and among usual neighbours."""
    odd = text(contact_record(1, DisconnectTimestamp=given_))
    for records in ([odd], [text(contact_record(0)), odd, text(contact_record(2))]):
        rows, bad = decoded(*records)
        if expected is BAD:
            assert [b.reason for b in bad] == ["bad_value"]
            assert bad[0].raw == odd
            assert bad[0].json_path == "DisconnectTimestamp"
        else:
            assert not bad
            (row,) = [r for r in rows if r["contact_id"] == contact_record(1)["ContactId"]]
            found = row["disconnect_timestamp"]
            assert (None if found is None else micros(*found.timetuple()[:6], found.microsecond)) == expected


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8), st.booleans()))
@settings(max_examples=50)
@example(2**63)
@example(-(2**63))
@example(1e22)
def test_integer_columns_agree_with_single_values(value: Any) -> None:
    """A column of one kind is made at once; it must say what the single value's rule says."""
    raw = json.dumps(value)
    expected = convert(BIGINT, raw)
    odd = text(contact_record(1, TotalPauseCount=value))
    for records in ([odd], [text(contact_record(0, TotalPauseCount=4)), odd, text(contact_record(2))]):
        rows, bad = decoded(*records)
        mine = [r for r in rows if r["contact_id"] == contact_record(1)["ContactId"]]
        if expected is BAD:
            assert not mine
            assert [b.reason for b in bad] == ["bad_value"]
        else:
            assert mine[0]["total_pause_count"] == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_seconds_are_exact(number: Any) -> None:
    millis = number * 1000
    expected = int(millis) if millis == int(millis) else BAD
    assert convert(BIGINT, format(number, "f"), Take.SECONDS) == expected


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (contact_record(1, ContactId=None), "no_key"),
        (contact_record(2, InstanceARN=None), "no_key"),
        (contact_record(1, InitiationTimestamp=None), "no_event_time"),
        (contact_record(1, InitiationTimestamp=""), "no_event_time"),
        ({k: v for k, v in contact_record(1).items() if k != "InitiationTimestamp"}, "no_event_time"),
        (agent_event(1, EventId=None), "no_key"),
        (agent_event(1, EventTimestamp=None), "no_event_time"),
        (agent_event(1, EventTimestamp=1.7e9), "bad_value"),
        (contact_record(1, ContactId=["x"]), "bad_value"),
        (contact_record(1, Queue="x"), "bad_value"),
        (contact_record(1, Attributes=[]), "bad_value"),
        (contact_record(1, MediaStreams={}), "bad_value"),
        (agent_event(1, CurrentAgentSnapshot=5), "bad_value"),
        (agent_event(1, CurrentAgentSnapshot={"Configuration": 5}), "bad_value"),
        (agent_event(1, CurrentAgentSnapshot={"Configuration": {"RoutingProfile": []}}), "bad_value"),
        (agent_event(1, CurrentAgentSnapshot={"Contacts": [{"StateStartTimestamp": "x"}]}), "bad_value"),
        ({"some": "object"}, "unknown_stream"),
        ({}, "unknown_stream"),
    ],
)
def test_rejected_records(record: dict[str, Any], reason: str) -> None:
    """Each rejects its own record and neither neighbour."""
    odd = text(record)
    rows, bad = decoded(text(contact_record(10)), text(agent_event(10)), odd, text(agent_event(11)))
    assert [b.reason for b in bad] == [reason]
    assert bad[0].raw == odd
    assert len(rows) == 3


def test_odd_values_that_are_taken() -> None:
    record = contact_record(
        1,
        ContactId=12345,
        Queue={"Duration": "1.5", "Name": True},
        Attributes={"a": {"b": [1, 2.50]}, "n": None, "t": 5},
    )
    (row,), bad = decoded(text(record))
    assert not bad
    assert row["contact_id"] == "12345"
    assert row["queue_duration_ms"] == 1500
    assert row["queue_name"] == "true"
    assert dict(row["attributes"]) == {"a": '{"b":[1,2.5]}', "n": None, "t": "5"}
    assert row["last_update_timestamp"].tzinfo is not None


def test_odd_json_is_not_silently_changed() -> None:
    """``2.50`` in free JSON keeps its digits; a duplicate key at any depth is refused."""
    good = text(contact_record(1)).replace(b'"version": "0"', b'"version": {"x": 2.50, "y": 1e400}')
    (row,), bad = decoded(good)
    assert dict(row["attributes"])["version"] == '{"x":2.50,"y":1e400}'
    twice = text(contact_record(1)).replace(b'"Type": "AUDIO"', b'"Type": "AUDIO", "T\\u0079pe": "VIDEO"')
    _rows, bad = decoded(twice)
    assert [b.reason for b in bad] == ["duplicate_key"]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(
        ["2026-03-02T09:15:00.123Z", "2026-03-02T09:15:00Z", "2026-03-02T09:15:00+0100", "9999-12-31T23:59:59-0100"]
    ),
    st.lists(st.tuples(st.integers(0, 23), st.sampled_from("0123456789-:+.TZ z")), max_size=4),
)
def test_timestamps_made_at_once_are_those_made_one_by_one(text: str, changes: list[tuple[int, str]]) -> None:
    for place, character in changes:
        text = text[:place] + character + text[place + 1 :]
    at_once = _usual_timestamps([text, None], pa.timestamp("us", "UTC"))
    if at_once is not None:
        assert at_once.cast(pa.int64()).to_pylist() == [to_timestamp(text), None]
