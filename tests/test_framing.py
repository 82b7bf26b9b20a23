"""Framing: any mixture of separators and any chunking give the same documents; a broken piece spares its neighbours."""

from __future__ import annotations

import json
from time import process_time
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from samples import contact_record, mixed, text

from contactlake.decode import framing
from contactlake.decode.decoder import Decoder
from contactlake.decode.framing import Piece, documents
from contactlake.decode.parse import parse
from contactlake.model.reason import Reject
from contactlake.pipeline import BY_NAME, STREAMS

KNOWN = Decoder(STREAMS, BY_NAME, 1 << 24)._known
BROKEN = [
    b'{"ContactId": "x", "InitiationTimestamp": nul}',
    b'{"ContactId": "x"',
    b'{"ContactId": "x", }',
    b"{'ContactId': 'x'}",
    b'{"ContactId": "x',
    b"}",
    b"garbage",
    b'{"EventId": "\xff"}',
    b'{"a": NaN}',
    b'{"a": "\\ud800"}',
    b'{"a": 1, "a": 2}',
    b"// comment",
    b'"open',
    b'["open',
    b'["\\uD800\\"]',
    b'{"CurrentAgentSnapshot": {"Configuration": {"x": ',
    b"[" * 3000,
    b'{"a":' * 3000,
    b"\x00\x00",
]


def pieces(chunks: list[bytes], limit: int = 16 << 20) -> list[Piece]:
    return list(documents(chunks, parse, KNOWN, limit))


def told(found: list[Piece]) -> list[Any]:
    return [(p.offset, p.length, p.raw, str(p.reject.reason) if p.reject else None) for p in found]


def chunked(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({c % (len(data) + 1) for c in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["}{", "\n", '"', "[{", "}\n{"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(max_size=4), values, max_size=3) | st.integers(0, 30).map(contact_record)
written = st.tuples(objects, st.sampled_from([None, 0, 2]), st.booleans())


def spell(value: Any, indent: int | None, ascii_: bool) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=ascii_).encode(errors="surrogatepass")


@st.composite
def inputs(draw: st.DrawFn) -> tuple[bytes, list[Any]]:
    """Bytes in any mixture of formats, and the documents in them."""
    data = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\n \r\n"]))
    expected: list[Any] = []
    for _ in range(draw(st.integers(0, 6))):
        group = draw(st.lists(written, min_size=1, max_size=3))
        texts = [spell(*w) for w in group]
        assume(not any(b"\\ud" in t and b"\xed" in t for t in texts))
        if draw(st.booleans()):
            data += b"[" + draw(st.sampled_from([b",", b", ", b",\n"])).join(texts) + b"]"
        else:
            data += draw(st.sampled_from([b"", b"\n", b"\r\n", b" ", b"\t", b"\n\n"])).join(texts)
        data += draw(st.sampled_from([b"", b"\n", b"\r\n", b" ", b"\n\xef\xbb\xbf"]))
        expected += [w[0] for w in group]
    return data, expected


@settings(max_examples=80)
@given(inputs(), st.lists(st.integers(0, 1 << 20), max_size=8), st.sampled_from([1, 64, 1 << 20]))
def test_any_mixture_and_any_chunking(made: tuple[bytes, list[Any]], cuts: list[int], wait: int) -> None:
    data, expected = made
    with patch.object(framing, "_WAIT", wait):
        found = pieces(chunked(data, cuts))
    assert [p.reject for p in found] == [None] * len(expected)
    assert [json.loads(p.raw or b"") for p in found] == expected
    for p in found:
        assert data[p.offset : p.offset + p.length] == p.raw


def test_every_byte_a_chunk() -> None:
    records = mixed(4)
    data = b"".join(text(r, indent=i) for r, i in zip(records, [None, 1, None, 2], strict=True))
    with patch.object(framing, "_WAIT", 1):
        found = pieces([data[i : i + 1] for i in range(len(data))])
    assert [json.loads(p.raw or b"") for p in found] == records


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(BROKEN) | st.integers(0, 8).map(lambda n: text(contact_record(n))), max_size=7),
    st.lists(st.integers(0, 1 << 20), max_size=6),
    st.sampled_from([1, 64]),
)
@example([BROKEN[0], BROKEN[0]], [20, 60], 1)
@example([BROKEN[6], text(contact_record(1))], [3], 1)
def test_broken_lines_between_good_ones(parts: list[bytes], cuts: list[int], wait: int) -> None:
    """On lines of their own, records are saved whatever stands around them, and however the bytes arrive."""
    data = b"\n".join(parts)
    whole = pieces([data])
    with patch.object(framing, "_WAIT", wait):
        assert told(pieces(chunked(data, cuts))) == told(whole)
    good = [p.raw for p in whole if p.reject is None and KNOWN.accepts(p.value)]
    assert good == [part for part in parts if part not in BROKEN]
    assert_all_bytes_are_taken(data, whole)


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(BROKEN) | st.integers(0, 8).map(lambda n: text(contact_record(n))), max_size=6),
    st.lists(st.integers(0, 1 << 20), max_size=6),
    st.sampled_from([1, 64]),
)
def test_broken_between_concatenated(parts: list[bytes], cuts: list[int], wait: int) -> None:
    """Without line breaks a broken piece runs to the next place from which a whole known record parses."""
    data = b"".join(parts)
    whole = pieces([data])
    with patch.object(framing, "_WAIT", wait):
        assert told(pieces(chunked(data, cuts))) == told(whole)
    assert_all_bytes_are_taken(data, whole)
    good = [p.raw for p in whole if p.reject is None and KNOWN.accepts(p.value)]
    swallows = (b'{"ContactId": "x', b'{"CurrentAgentSnapshot": {"Configuration": {"x": ')
    if not any(part in swallows for part in parts):
        assert good == [part for part in parts if part not in BROKEN]


def assert_all_bytes_are_taken(data: bytes, found: list[Piece]) -> None:
    """Every byte that is not white space or array punctuation belongs to exactly one piece."""
    position = 0
    for p in found:
        if p.raw == b"[" and p.reject is not None and p.offset < position:  # an array never closed: told at its end
            continue
        assert p.offset >= position
        assert not data[position : p.offset].strip(b" \t\r\n[],\xef\xbb\xbf")
        assert p.raw == data[p.offset : p.offset + p.length]
        position = p.offset + p.length
    assert not data[position:].strip(b" \t\r\n[],\xef\xbb\xbf")


@settings(max_examples=80)
@given(st.binary(max_size=60), st.lists(st.integers(0, 100), max_size=5))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    """Nothing is lost of any bytes at all, in any chunks, with any limit."""
    for limit in (1, 7, 1 << 20):
        with patch.object(framing, "_WAIT", 1):
            found = pieces(chunked(data, cuts), limit)
        assert_all_bytes_are_taken(data, found)


def test_broken_document_of_several_lines_is_one_piece() -> None:
    good = text(contact_record(1))
    broken = text(contact_record(2), indent=2).replace(b'"Channel": "VOICE"', b'"Channel": VOICE')
    found = pieces([good + b"\n" + broken + b"\n" + good])
    assert [p.raw for p in found] == [good, broken, good]
    assert [p.reject is None for p in found] == [True, False, True]


def test_document_cut_off_in_the_middle_of_the_input() -> None:
    good = text(contact_record(1))
    for keep in (10, 100, len(good) - 1):
        found = pieces([good[:keep] + b"\n" + good + b"\n" + good[:keep]])
        assert [p.raw for p in found] == [good[:keep], good, good[:keep]]
        assert str(found[-1].reject.reason) == "truncated"  # type: ignore[union-attr]


def test_limit() -> None:
    small, large = text(contact_record(1)), text(contact_record(2, Attributes={"a": "x" * 5000}))
    for separator in (b"\n", b""):
        found = pieces([separator.join([small, large, small, large, small])], 4000)
        assert [p.raw for p in found] == [small, large, small, large, small]
        assert [str(p.reject.reason) if p.reject else None for p in found] == [
            None,
            "too_large",
            None,
            "too_large",
            None,
        ]


def test_very_many_pieces_beyond_the_limit() -> None:
    found = pieces([text(contact_record(1)) + b"\n"] * 3000, 100)
    assert len(found) == 3000
    assert {str(p.reject.reason) for p in found if p.reject} == {"too_large"}


SLOW = {
    "tiny documents without line breaks": b'{"a":1}',
    "tiny documents with spaces": b'{"a":1} ',
    "numbers": b"1,",
    "broken lines": b"x\n",
    "broken records": b'{"CurrentAgentSnapshot":1}x',
    "deeper and deeper lines": b'{\n"a":\n',
    "strings": b'""',
    "open arrays": b"[",
    "open objects": b'{"AgentARN":',
    "open strings": b'{"AgentARN":"',
    "indented lines": b'{"a":1,\n x\n}\n',
    "closing and opening": b"}{",
    "half lines": b'\n{"a":\n',
}


@pytest.mark.parametrize("pattern", SLOW.values(), ids=SLOW.keys())
def test_time_is_linear(pattern: bytes) -> None:
    """Four times the bytes take about four times the time, not sixteen."""

    def seconds(size: int) -> float:
        begin = process_time()
        for _ in documents([pattern * (size // len(pattern))], parse_or_reject, KNOWN, 16 << 20):
            pass
        return process_time() - begin

    small = max(seconds(30_000), 0.02)
    assert seconds(120_000) < 9 * small


def parse_or_reject(raw: bytes) -> Any:
    try:
        return parse(raw)
    except Reject:
        raise
