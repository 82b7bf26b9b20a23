"""Hostile input: nothing crashes, hangs, exhausts memory or silently changes a value."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
import zstandard
from comparing import counts, scalar
from samples import agent_event, contact_record, lines, mixed, text

from contactlake.decode.decoder import Decoder
from contactlake.lake import Lake
from contactlake.lake import open as open_lake
from contactlake.pipeline import BY_NAME, STREAMS
from tests.conftest import SOAK

Take = Callable[..., Any]
MEGABYTE = 1 << 20


# the corpus of malformed documents ------------------------------------------------------------------------------------

WRONG_VALUES = [
    "NaN", "Infinity", "-Infinity", "nan", "-NaN", "inf", "+1", "01", "-01", "1.", ".5", "-.5", "1e", "1e+",
    "1.e1", "0x10", "1_000", "--", "-", "+", "00", "0e", "1ee1", "2.e3", "-2.", "1eE2", "0.e1", "9.e+", "''",
    "'x'", "undefined", "None", "True", "FALSE", "tru", "nulll", "nul", "fals", "truE", "trueX", "/**/", "//", "#",
    ",", ":", ";", "}", "]", "{]", "[}", "[,", "[,]", "[1,]", "[,1]", "[1,,2]", "[1:2]", "[1", "[}", "[1}", "[1,]",
    '["x"', '["x"]', "x", "[1", "2]", "[1x]", '["a":1]', "{,}", '{"a"}', '{"a":}', '{"a":1,}', '{"a":1,,"b":2}',
    '{,"a":1}', "{:1}", '{"a"::1}', "{1:1}", "{a:1}", "{'a':1}", '{"a":1"b":2}', '{"a"', "1}", '{"a":1', '"b":2}',
    "{null:1}", "{[1]:1}", "{{}:1}", '{"a":{}', '{"a":[}', '{"a":1}}', "[[]]", "]", "[[1]", "[1]]", '"x""',
    '"\\x"', '"\\u12"', '"\\u12G4"', '"\\U1234"', '"\\\'"', '"\\a"', '"\\0"', '"\\', '"', '"\\u', '123"',
    '"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"\\ud800x"', '"\\udbff\\u0041"', '"\\udfff\\ud800"', '"x', '""',
    'x"', "*", "&", "<x>", "~", "@", "$", "%", "^", "=", "!", "?", "`", '\\', '\\u0031', '1\\u0030', "..", "...",
    "1..2", "1.2.3", "1,000", "1e1.5", "1e1e1", "-1-", "1+1", "(1)", "<!--", "-->",
]  # fmt: skip
WRONG_BYTES = [
    b"\x00", b'"\x00"', b'"\x1f"', b'"\n"', b'"\t"', b'"\r"', b'"\xff"', b'"\xfe\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"',
    b'"\xf4\x90\x80\x80"', b'"\xe9"', b'"\xc3"', b"\xef\xbb\xbf1", b'"\xf8\x88\x80\x80\x80"', b"1\x00", b'"\x80"', b"\x0c1",
    b"\xe2\x80\xa81", b"\xa0", b"\xc2\xa01", b'"a', b'"a\\', b'"\\u', b"[" * 500, b'{"a":' * 500, b"[" * 500 + b"]" * 500,
    b"1" * 5000, b"1e" + b"9" * 300, b"-" + b"0" * 50, b'"' + b"\\" * 31 + b'"', b'{"a":1,"a":2}', b'[{"b":{"c":1,"c":1}}]',
]  # fmt: skip


def corpus() -> Iterator[bytes]:
    """About 2,000 documents of which none is a valid contact record."""
    values = [w.encode() for w in WRONG_VALUES] + WRONG_BYTES
    for value in values:
        yield value
        yield b'{"ContactId":' + value + b"}"
        yield b'{"ContactId":"x","InitiationTimestamp":"2026-01-01T00:00:00Z","X":' + value + b"}"
        yield b'{"x":[' + value + b',{"AWSContactTraceRecordFormatVersion":1}]}'
        yield b'{"x":' + value + b',"ContactId":1'
    good = text(contact_record(1))
    random = Random(5)
    while True:
        at = random.randrange(1, len(good) - 1)
        kind = random.randrange(4)
        if kind == 0:
            yield good[:at]
        elif kind == 1:
            yield good[at:]
        elif kind == 2:
            yield good[:at] + random.choice(values) + good[at:]
        else:
            yield good[:at] + random.randbytes(3) + good[at + 3 :]


def documents() -> list[bytes]:
    from itertools import islice

    return list(islice(corpus(), 2000))


DECODER = Decoder(STREAMS, BY_NAME, MEGABYTE)


def decoded(data: bytes) -> tuple[list[Any], list[Any]]:
    rows, bad = [], []
    for batch in DECODER.decode([data]):
        for part in batch.rows:
            rows += part.versions.to_pylist()
        bad += batch.quarantined
    return rows, bad


def test_corpus_alone_and_between_good_records() -> None:
    """Each piece of each document is accounted for; both neighbours, on lines of their own, are always rows."""
    before, after = text(contact_record(70)), text(agent_event(71))
    for wrong in documents()[:: 1 if SOAK else 4]:
        alone, bad = decoded(wrong)
        assert alone or bad or not wrong.strip(b" \t\r\n[],\xef\xbb\xbf"), wrong
        data = before + b"\n" + wrong + b"\n" + after
        rows, bad = decoded(data)
        places = [(r["offset"], r["length"]) for r in rows]
        assert (0, len(before)) in places, wrong
        assert (len(data) - len(after), len(after)) in places, wrong
        for b in bad:
            assert b.raw == b"[" or data[b.offset : b.offset + b.length] == b.raw, wrong


def test_nothing_invalid_becomes_a_row() -> None:
    """A document that Python's own strict parser refuses is never stored."""

    def valid(raw: bytes) -> bool:
        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            assert len(dict(pairs)) == len(pairs)
            return dict(pairs)

        def refuse(_: str) -> None:
            raise ValueError

        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=refuse, object_pairs_hook=once, parse_int=str)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, AssertionError, RecursionError):
            return False
        return True

    for wrong in documents()[:: 1 if SOAK else 2]:
        for row in decoded(wrong)[0]:
            assert valid(wrong[row["offset"] : row["offset"] + row["length"]]), wrong


def test_corpus_through_a_lake(lake: Lake, taken: Take) -> None:
    """All of it in one file, among good records, plain and in gzip: exact accounts, every good record a row."""
    good = [text(r) for r in mixed(100)]
    parts: list[bytes] = []
    for n, wrong in enumerate(documents()):
        parts += [wrong, *(good[n // 20 : n // 20 + 1] if n % 20 == 0 else [])]
    data = b"\n".join(parts)
    summary = taken(lake, gzip.compress(data, mtime=0))
    counts(summary)
    ids = [r["EventId"] for r in mixed(100) if "EventId" in r] + [
        r["ContactId"] for r in mixed(100) if "ContactId" in r
    ]
    listed = ", ".join(f"'{i}'" for i in ids)
    assert (
        scalar(
            lake,
            f"SELECT (SELECT count(*) FROM agent_event WHERE event_id IN ({listed})) + (SELECT count(*) FROM contact_record WHERE contact_id IN ({listed}))",
        )
        == 100
    )
    again = taken(lake, data)
    assert counts(again) == (summary.records, 0, summary.stored + summary.duplicates, summary.quarantined)
    assert summary.quarantined > 2000
    for row in lake.query('SELECT "offset", length, raw FROM quarantine').rows():
        assert data[row["offset"] : row["offset"] + row["length"]] == row["raw"]


def test_deep_nesting(lake: Lake, taken: Take) -> None:
    good = text(contact_record(1))
    deep = [b"[" * 100_000, b'{"a":' * 100_000, b'{"ContactId":' * 100_000, b'{"a":[' * 50_000 + b"]}" * 50_000]
    begin = time.monotonic()
    summary = taken(lake, *(good + b"\n" + d + b"\n" + text(contact_record(n + 10)) for n, d in enumerate(deep)))
    summary.add(
        taken(lake, *(text(contact_record(n + 20)) + d + text(agent_event(n + 20)) for n, d in enumerate(deep)))
    )
    assert time.monotonic() - begin < 60
    assert summary.records == summary.stored + summary.duplicates + summary.quarantined
    assert (summary.stored, summary.duplicates) == (13, 3)
    assert set(summary.reasons) <= {"too_deep", "truncated", "invalid_json", "not_an_object"}


def test_empty_files(lake: Lake, taken: Take) -> None:
    empty = [b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"[]", b"[ ]\n[]", gzip.compress(b""), zstandard.compress(b"")]
    assert counts(taken(lake, *empty)) == (0, 0, 0, 0)
    assert counts(taken(lake, text(contact_record(1)))) == (1, 1, 0, 0)


def test_headers_without_bodies(lake: Lake, taken: Take) -> None:
    whole = gzip.compress(text(contact_record(1)))
    heads = [b"\x1f\x8b", whole[:10], whole[:-1], b"\x28\xb5\x2f\xfd", zstandard.compress(text(contact_record(2)))[:-3]]
    summary = taken(lake, *heads, text(contact_record(3)))
    records, stored, _, quarantined = counts(summary)
    assert stored >= 1
    assert quarantined >= 4
    assert records == stored + quarantined


# memory ---------------------------------------------------------------------------------------------------------------


def peak_of(arguments: list[str], cwd: Path, stdin: Any = subprocess.DEVNULL) -> tuple[int, dict[str, Any], float]:
    """The greatest memory (RSS) of a command and all its children, its JSON answer, and how long it took."""
    begin = time.monotonic()
    command = [sys.executable, "-m", "contactlake", *arguments, "--format", "json"]
    with open(cwd / "answer", "wb") as out:
        process = psutil.Popen(command, cwd=cwd, stdin=stdin, stdout=out)
        peak = 0
        while process.poll() is None:
            total = 0
            for one in [process, *children(process)]:
                try:
                    total += one.memory_info().rss
                except psutil.Error:
                    continue
            peak = max(peak, total)
            time.sleep(0.01)
    assert process.returncode == 0
    return peak, json.loads((cwd / "answer").read_bytes()), time.monotonic() - begin


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def write_bomb(path: Path, pattern: bytes, size: int, ends: tuple[bytes, bytes] = (b"", b"")) -> None:
    packer = zlib.compressobj(9, wbits=31)
    block = pattern * (MEGABYTE // len(pattern))
    with path.open("wb") as out:
        out.write(packer.compress(ends[0]))
        for _ in range(size // len(block)):
            out.write(packer.compress(block))
        out.write(packer.compress(ends[1]) + packer.flush())


SIZE = (2048 if SOAK else 64) * MEGABYTE
GOOD = (text(contact_record(1)) + b"\n", b"\n" + text(contact_record(2)))


BOMBS = {"NUL": b"\0", "string": b'{"a":"', "numbers": b"1,"}
LATER = {"space": b" ", "x": b"x", "array": b"["}


@pytest.mark.parametrize(
    "pattern",
    [*BOMBS.values(), *(pytest.param(p, marks=pytest.mark.soak) for p in LATER.values())],
    ids=[*BOMBS, *LATER],
)
def test_gzip_bomb(tmp_path: Path, pattern: bytes) -> None:
    """Decompressed it is larger than memory should be; what stands before and after it is stored."""
    size = SIZE if pattern != b"1," else 2 * MEGABYTE  # a million records; more are a matter of time, not of memory
    write_bomb(tmp_path / "bomb", pattern, size, GOOD)
    peak, summary, seconds = peak_of(["ingest", "bomb"], tmp_path)
    print(f"bomb of {pattern!r}, {size >> 20} MiB: {peak / 1e6:,.0f} MB, {seconds:.1f} s")
    assert summary["stored"] == 2
    assert summary["records"] == 2 + summary["quarantined"]
    assert peak < 700e6


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd", "stdin"])
def test_one_large_line(tmp_path: Path, form: str) -> None:
    """A line far beyond the limit is one record in quarantine, whose exact bytes can still be had."""
    size = (1024 if SOAK else 40) * MEGABYTE
    parts = [GOOD[0], b'{"ContactId": "', *[b"x" * MEGABYTE] * (size // MEGABYTE), b'", "a": 1}', GOOD[1]]
    path = tmp_path / "large"
    if form == "gzip":
        with gzip.open(path, "wb", compresslevel=1) as packed:
            packed.writelines(parts)
    elif form == "zstd":
        with path.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as out:
            for part in parts:
                out.write(part)
    else:
        with path.open("wb") as out:
            out.writelines(parts)
    with path.open("rb") as stdin:
        peak, summary, seconds = peak_of(["ingest", "-" if form == "stdin" else "large"], tmp_path, stdin)
    print(f"a line of {size >> 20} MiB ({form}): {peak / 1e6:,.0f} MB, {seconds:.1f} s")
    assert (summary["records"], summary["stored"], summary["reasons"]) == (3, 2, {"too_large": 1})
    assert peak < 700e6
    view = open_lake(tmp_path / "lake").quarantine()
    (facts,) = view.list().rows()
    assert (facts["offset"], facts["length"]) == (len(GOOD[0]), size + 15 + 10)
    length, first = 0, b""
    for chunk in view.raw(facts["id"]):
        first = first or chunk[:16]
        length += len(chunk)
    assert (first, length) == (b'{"ContactId": "x', facts["length"])


def test_very_many_tiny_documents(tmp_path: Path) -> None:
    count = 1_000_000 if SOAK else 30_000
    (tmp_path / "tiny").write_bytes(b'{"a":1}' * count)
    peak, summary, seconds = peak_of(["ingest", "tiny"], tmp_path)
    print(f"{count:,} tiny documents: {peak / 1e6:,.0f} MB, {seconds:.1f} s")
    assert summary["reasons"] == {"unknown_stream": count}
    assert peak < 700e6


def test_many_days(lake: Lake, taken: Take) -> None:
    """Event times strewn over centuries are slow at worst."""
    records = [contact_record(n, InitiationTimestamp=f"{1000 + n * 20:04d}-01-01T00:00:00Z") for n in range(60)]
    assert counts(taken(lake, lines(records))) == (60, 60, 0, 0)
    assert scalar(lake, "SELECT count(*) FROM contact_record") == 60
