"""Decoding: the fast path is the plain path, damage never crashes and stays where it is, nothing is unaccounted."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import agent_event, contact_record, event_bus, kinesis, mixed, text

from contactlake.decode.columns import ColumnMaker
from contactlake.decode.decoder import Decoded, Decoder
from contactlake.decode.parse import compact, digest, parse
from contactlake.decode.repeats import Repeats
from contactlake.model.reason import Reject
from contactlake.pipeline import BY_NAME, STREAMS
from contactlake.streams.agent_event import AGENT_EVENTS


def decode(data: bytes, limit: int = 1 << 20) -> list[Decoded]:
    return list(Decoder(STREAMS, BY_NAME, limit).decode([data]))


def told(batches: list[Decoded]) -> tuple[list[Any], list[Any]]:
    """Rows with their versions, and quarantined records."""
    rows = [
        (part.stream, row, version)
        for batch in batches
        for part in batch.rows
        for row, version in zip(part.rows.to_pylist(), part.versions.to_pylist(), strict=True)
    ]
    return rows, [bad for batch in batches for bad in batch.quarantined]


SNAPSHOTS = ("CurrentAgentSnapshot", "PreviousAgentSnapshot")


def with_odd_snapshots(record: dict[str, Any], change: str, before: Any) -> dict[str, Any]:
    """A record whose snapshots are the same, are those of the record before, or are not where they should be."""
    current = record["CurrentAgentSnapshot"]
    match change:
        case "same":
            record["PreviousAgentSnapshot"] = current
        case "before":
            record["PreviousAgentSnapshot"] = before
        case "both before":
            record |= dict.fromkeys(SNAPSHOTS, before)
        case "null" | "text" | "list":
            record["PreviousAgentSnapshot"] = {"null": None, "text": "x", "list": [current]}[change]
        case "missing":
            del record["PreviousAgentSnapshot"]
        case "elsewhere":
            record |= {"Extra": {"CurrentAgentSnapshot": before}, "CurrentAgentSnapshot": None}
        case "order":
            record = dict(reversed(record.items()))
        case "strange":
            for key in SNAPSHOTS:
                record[key] = {**current, "Mood": 1, "Contacts": [{"ContactId": "c", "Later": 1}]}
        case "half bad":  # a column has it in one of the places only
            current["Configuration"]["Username"] = ["x"]
            record["PreviousAgentSnapshot"] = current
    return record


@settings(max_examples=80)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from(
                [
                    "usual",
                    "same",
                    "before",
                    "both before",
                    "null",
                    "text",
                    "list",
                    "missing",
                    "elsewhere",
                    "order",
                    "strange",
                    "half bad",
                ]
            ),
        ),
        min_size=2,
        max_size=6,
    )
)
def test_snapshots_met_before_are_as_if_met_first(drawn: list[tuple[int, str]]) -> None:
    """Together in one file or each alone: the same rows, digests, unknown fields and refusals."""
    raws: list[bytes] = []
    before: Any = None
    for number, change in drawn:
        record = with_odd_snapshots(copy.deepcopy(agent_event(number)), change, before)
        before = record.get("CurrentAgentSnapshot")
        raws.append(text(record))
    rows, bad = told(decode(b"\n".join(raws)))
    each = [told(decode(raw)) for raw in raws]
    apart = [(stream, row, version | {"offset": 0}) for stream, row, version in rows]
    assert apart == [(stream, row, version | {"offset": 0}) for one, _ in each for stream, row, version in one]
    assert [(b.message, b.json_path, b.raw) for b in bad] == [
        (b.message, b.json_path, b.raw) for _, other in each for b in other
    ]


@settings(max_examples=60)
@given(st.data())
def test_fast_path_is_plain_path(data: st.DataObject) -> None:
    """Whether a configuration was met before, and how it is spelled, changes nothing that comes out."""
    records = [agent_event(data.draw(st.integers(0, 12))) for _ in range(data.draw(st.integers(1, 6)))]
    for record in records:
        change = data.draw(st.sampled_from(["", "", "null", "missing", "empty", "odd", "order", "number", "text"]))
        snapshot = record["CurrentAgentSnapshot"]
        match change:
            case "null":
                snapshot["Configuration"] = None
            case "missing":
                del snapshot["Configuration"]
            case "empty":
                snapshot["Configuration"] = {}
            case "odd":
                snapshot["Configuration"]["RoutingProfile"]["Concurrency"][0]["MaximumSlots"] = "x"
            case "order":
                snapshot["Configuration"] = dict(reversed(snapshot["Configuration"].items()))
            case "number":
                snapshot["Configuration"]["RoutingProfile"]["Concurrency"][0]["MaximumSlots"] = 2.0
            case "text":
                snapshot["AgentStatus"]["Name"] = json.dumps(snapshot["Configuration"])
    indent = data.draw(st.sampled_from([None, 1]))
    raws = [text(r, indent=indent) for r in records]
    together, bad_together = told(decode(b"\n".join(raws)))
    alone: list[Any] = []
    bad_alone: list[Any] = []
    for raw in raws:
        # one element of an array takes another way to the parser than a line
        rows, bad = told(decode(b"[" + raw + b"]"))
        alone += rows
        bad_alone += bad
    places = ("offset", "length")

    def without(rows: list[Any]) -> list[Any]:
        return [(s, r, {k: v for k, v in version.items() if k not in places}) for s, r, version in rows]

    assert without(together) == without(alone)
    assert [(b.reason, b.json_path, b.raw) for b in bad_together] == [(b.reason, b.json_path, b.raw) for b in bad_alone]


@settings(max_examples=60)
@given(st.integers(0, 30), st.data())
def test_tokens_stand_for_what_the_plain_parse_gives(number: int, data: st.DataObject) -> None:
    repeats, other = Repeats(AGENT_EVENTS.repeats), Repeats(AGENT_EVENTS.repeats)
    raw = text(agent_event(number), indent=data.draw(st.sampled_from([None, 1])))
    plain = parse(raw)
    for _ in range(2):  # met first, met again
        cut = repeats.parse(raw)
        assert compact(cut) == compact(other.tokenise(parse(raw)))
    documents = {token: value for kind in repeats.release().values() for token, value in kind.items()}

    def resolved(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("\x00"):
            return resolved(documents[value])
        if isinstance(value, dict):
            return {k: resolved(v) for k, v in value.items()}
        return [resolved(v) for v in value] if isinstance(value, list) else value

    assert compact(resolved(cut)) == compact(plain)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"Username": "agent.1"', b'"Username": "a", "Username": "b"', "duplicate_key"),
        (b'"Username": "agent.1"', b'"Username": "\xff"', "invalid_unicode"),
        (b'"Username": "agent.1"', b'"Username": "\\ud800"', "invalid_unicode"),
        (b'"Username": "agent.1"', b'"Username": NaN', "invalid_json"),
        (b'"Username": "agent.1"', b'"Username": "agent.1",', "invalid_json"),
        (b'"Username": "agent.1"', b'"Username": ' + b"[" * 300 + b"]" * 300, "too_deep"),
        (b'"Version": "2019-05-25"', b'"Version": "1", "CurrentAgentSnapshot": null', "duplicate_key"),
        (b'"Version": "2019-05-25"', b'"Version": "\x01"', "invalid_json"),
    ],
)
def test_damage_in_what_repeats(old: bytes, new: bytes, reason: str, indent: int | None) -> None:
    """Inside the cut-out parts the same things are refused as elsewhere, also when the part was met before."""
    good = text(agent_event(1), indent=indent)
    assert old in good
    bad = good.replace(old, new)
    rows, found = told(decode(good + b"\n" + bad + b"\n" + text(agent_event(6), indent=indent) + b"\n" + bad))
    assert [f.reason for f in found] == [reason, reason]
    assert [f.raw for f in found] == [bad, bad]
    assert len(rows) == 2


@pytest.mark.parametrize("place", ["CurrentAgentSnapshot", "CurrentAgentSnapshot.Configuration"])
def test_a_record_cannot_spell_a_token(place: str) -> None:
    repeats = Repeats(AGENT_EVENTS.repeats)
    *above, key = place.split(".")
    repeats.parse(text(agent_event(1)))
    tokens = [token for kind in repeats.release().values() for token in kind]
    assert tokens
    for token in tokens:
        forged = agent_event(6)
        (forged[above[0]] if above else forged)[key] = token
        rows, bad = told(decode(text(agent_event(1)) + b"\n" + text(forged)))
        assert len(rows) == 1
        assert [(b.reason, b.json_path) for b in bad] == [("bad_value", place)]


GOOD = [text(r) for r in mixed(6)]


def assert_accounted(data: bytes, batches: list[Decoded]) -> None:
    rows, bad = told(batches)
    for _, _, version in rows:
        parse(data[version["offset"] : version["offset"] + version["length"]])
    for b in bad:
        if b.raw != b"[":
            assert b.raw == data[b.offset : b.offset + b.length]


@settings(max_examples=80)
@given(
    st.integers(0, 5),
    st.lists(
        st.tuples(
            st.integers(0, 1 << 20),
            st.sampled_from(["flip", "insert", "delete", "cut", "double"]),
            st.binary(min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_damaged_bytes_between_good_lines(which: int, damages: list[tuple[int, str, bytes]]) -> None:
    """Whatever happens to a record's bytes: no crash, exact accounts, and both neighbours are stored."""
    raw = GOOD[which]
    for place, kind, new in damages:
        at = place % (len(raw) + 1)
        match kind:
            case "flip":
                raw = raw[:at] + new + raw[at + len(new) :]
            case "insert":
                raw = raw[:at] + new + raw[at:]
            case "delete":
                raw = raw[:at] + raw[at + 1 + len(new) * 7 :]
            case "cut":
                raw = raw[:at]
            case "double":
                raw = raw[:at] + raw[at // 2 :]
    before, after = text(agent_event(101)), text(contact_record(102))
    data = before + b"\n" + raw + b"\n" + after
    batches = decode(data)
    assert_accounted(data, batches)
    rows, _ = told(batches)
    keys = {row.get("event_id") or row.get("contact_id") for _, row, _ in rows}
    assert {agent_event(101)["EventId"], contact_record(102)["ContactId"]} <= keys


@st.composite
def damaged_values(draw: st.DrawFn) -> dict[str, Any]:
    """A record in which some values were replaced by any JSON value."""
    record = copy.deepcopy(draw(st.sampled_from(mixed(6))))
    odd = st.sampled_from([None, True, 0, -1, 1.5, 2**63, 10**400, "", "x", [], {}, [None], [{}], {"": None}, [[1]]])
    for _ in range(draw(st.integers(1, 4))):
        here: Any = record
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(here[key], dict | list) and here[key] and draw(st.booleans()):
                here = here[key]
                continue
            here[key] = draw(odd)
            break
    return record


@settings(max_examples=80)
@given(damaged_values())
def test_any_value_anywhere(record: dict[str, Any]) -> None:
    """Any JSON value in any place: the record is one row or one quarantined record, and its neighbours are rows."""
    good = [text(agent_event(101)), text(contact_record(102)), text(agent_event(103))]
    data = b"\n".join([*good, text(record)])
    rows, bad = told(decode(data))
    assert len(rows) + len(bad) == 4
    assert len(rows) >= 3
    assert all(b.raw == text(record) for b in bad)
    alone, alone_bad = told(decode(text(record)))
    assert [(b.reason, b.json_path) for b in bad] == [(b.reason, b.json_path) for b in alone_bad]
    assert [row for _, row, _ in alone] == [
        row for _, row, version in rows if version["offset"] == len(data) - len(text(record))
    ]


def test_unknown_fields_are_reported() -> None:
    record = contact_record(1, Brand=1, Agent={"Username": "u", "New": {"x": 1}}, Recordings=[{"Odd": 1}, {"Odd": 2}])
    event = agent_event(1, Extra={})
    event["CurrentAgentSnapshot"]["Configuration"]["Mood"] = "good"
    event["CurrentAgentSnapshot"]["Contacts"] = [{"ContactId": "c", "Later": 1}]
    rows, bad = told(decode(text(record) + text(event) + text(contact_record(2))))
    assert not bad
    unknown = {s: v["unknown"] for s, _, v in rows if v["unknown"]}
    assert unknown == {
        "contact-records": ["Agent.New", "Brand", "Recordings[].Odd"],
        "agent-events": ["CurrentAgentSnapshot.Configuration.Mood", "CurrentAgentSnapshot.Contacts[].Later", "Extra"],
    }


@settings(max_examples=80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=10,
    )
)
def test_digest_is_of_the_value(value: Any) -> None:
    """White space, key order and number notation do not count; everything else does."""

    def spelled(v: Any, **options: Any) -> Any:
        return parse(json.dumps(v, **options).encode())

    usual = digest(spelled(value))
    assert digest(spelled(value, indent=3, sort_keys=True, ensure_ascii=False)) == usual
    assert digest(spelled([value])) != usual
    assert json.loads(compact(spelled(value))) == value


def test_numbers_are_equal_by_value_only() -> None:
    same = [b"5", b"5.0", b"5e0", b"0.5E+1", b"50e-1"]
    assert len({digest(parse(t)) for t in same}) == 1
    different = [
        b"5",
        b'"5"',
        b"5.00000000000000000001",
        b"-5",
        b"[5]",
        b"true",
        b"null",
        b"1e400",
        b"1e401",
        b"0",
        b"1e-400",
    ]
    different += [b"9007199254740993", b"9007199254740992", b"9223372036854775808", b"18446744073709551616"]
    assert len({digest(parse(t)) for t in different}) == len(different)


def test_wrappings() -> None:
    raws = [text(r) for r in mixed(4)]
    for zipped in (False, True):
        rows, bad = told(decode(text(kinesis(raws, zipped))))
        assert not bad
        assert len(rows) == 4
    rows, bad = told(decode(text(event_bus(contact_record(1))) + text(event_bus(agent_event(1)))))
    assert (len(rows), bad) == (2, [])
    plain = told(decode(raws[1]))[0][0]
    wrapped = next(r for r in told(decode(text(kinesis(raws))))[0] if r[0] == "agent-events")
    assert wrapped[1] == plain[1]
    assert [wrapped[2][n] for n in ("content_hi", "key_hi", "day")] == [
        plain[2][n] for n in ("content_hi", "key_hi", "day")
    ]


def test_a_bad_part_of_a_wrapping_spares_the_others() -> None:
    wrapping = kinesis(
        [text(contact_record(1)), b"{broken", text(contact_record(2, TotalPauseCount="x")), b"", text(agent_event(3))]
    )
    wrapping["Records"][3]["kinesis"]["data"] = "not base64!"
    wrapping["Records"].append({"kinesis": {}})
    rows, bad = told(decode(text(wrapping) + b"\n" + text(wrapping)))
    assert len(rows) == 4
    assert sorted((b.reason, b.json_path) for b in bad) == sorted(
        2
        * [
            ("bad_value", "Records[2].kinesis.data.TotalPauseCount"),
            ("bad_value", "Records[3].kinesis.data"),
            ("bad_value", "Records[5].kinesis.data"),
            ("invalid_json", "Records[1].kinesis.data"),
        ]
    )
    assert {b.raw for b in bad} >= {b"{broken", text(contact_record(2, TotalPauseCount="x")), b"not base64!"}


def test_wrapped_bomb() -> None:
    rows, bad = told(decode(text(kinesis([b" " * (3 << 20)], zipped=True)) + text(contact_record(1))))
    assert len(rows) == 1
    assert [b.reason for b in bad] == ["too_large"]


def test_decoder_is_the_same_after_forgetting() -> None:
    """More distinct configurations than are remembered: nothing changes but the time it takes."""
    events = [agent_event(n) for n in range(40)]
    for n, event in enumerate(events):
        event["CurrentAgentSnapshot"]["Configuration"]["LastName"] = f"{n % 7}" + "x" * 2000
    data = b"\n".join(text(e) for e in events)
    usual = told(decode(data))
    decoder = Decoder(STREAMS, BY_NAME, 1 << 20)
    forgetful: list[Decoded] = []
    for event in events:  # one batch each, everything forgotten in between
        forgetful += list(decoder.decode([text(event)]))
        decoder._repeats.forget()
        for maker in decoder._makers.values():
            assert isinstance(maker, ColumnMaker)
            maker.forget()
    assert [r for _, r, _ in told(forgetful)[0]] == [r for _, r, _ in usual[0]]


def test_rejects_say_where() -> None:
    with pytest.raises(Reject) as caught:
        parse(b'{"a": {"b": 1, "b": 2}}')
    assert '"b"' in caught.value.message
