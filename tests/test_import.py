"""Exports are read as they were written: every table, every format, every value; a bad row costs itself alone."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exports import FORMATS, TEXTS, exported, some_rows
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contactlake.cli import render
from contactlake.decode import delimited
from contactlake.decode.framing import Piece
from contactlake.decode.rows import NotAnExport, RowDecoder, format_of
from contactlake.model.arrow import arrow_schema
from contactlake.model.types import FLOAT
from contactlake.pipeline import BY_NAME, VENDOR_TABLES, rows_of

LIMIT = 1 << 20
SHIFTS = "staff_shifts"
ANALYTICS = "contact_lens_conversational_analytics"
KEY = "instance_id,shift_id,shift_version"


def decoded(table: str, content: bytes, scratch: Path, step: int = LIMIT) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows and quarantined records of an export that arrives ``step`` bytes at a time."""
    chunks = [content[i : i + step] for i in range(0, len(content), step)]
    batches = list(RowDecoder(*rows_of(table), LIMIT).decode(chunks, scratch / "export"))
    found = [rows.rows for batch in batches for rows in batch.rows]
    made = pa.Table.from_batches(found, arrow_schema(BY_NAME[table])).to_pylist()
    return made, [bad for batch in batches for bad in batch.quarantined]


@pytest.mark.parametrize("table", [t.name for t in VENDOR_TABLES])
@pytest.mark.parametrize("format_", FORMATS)
def test_rows_of_every_table_come_in_as_they_went_out(table: str, format_: str, tmp_path: Path) -> None:
    rows = some_rows(table, 7)
    found, bad = decoded(table, exported(rows, format_), tmp_path)
    assert bad == []
    assert found == rows.to_pylist()


@given(st.integers(0, 10**6), st.sampled_from(FORMATS), st.sampled_from([1, 7, LIMIT]))
@settings(max_examples=60)
def test_any_values_come_in_as_they_went_out(tmp_path_factory: Any, seed: int, format_: str, step: int) -> None:
    table = random.Random(seed).choice(["contact_record", "users", "case_events", "ai_session", "bot_slots"])
    rows = some_rows(table, seed, 4)
    found, bad = decoded(table, exported(rows, format_), tmp_path_factory.getbasetemp(), step)
    assert bad == []
    assert found == rows.to_pylist()


@given(st.lists(st.lists(st.one_of(st.none(), st.text(), st.sampled_from(TEXTS)), min_size=2, max_size=2)), st.data())
def test_csv_is_read_as_it_is_written_however_it_is_cut(rows: list[list[str | None]], data: st.DataObject) -> None:
    content = exported(pa.table({"a": pa.array([r[0] for r in rows], pa.string()), "b": [r[1] for r in rows]}), "csv")
    head = delimited.header(content, ",")
    assert head is not None
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=8)))
    chunks = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    assert [piece.value for piece in delimited.rows(chunks, head, LIMIT)] == rows


@given(st.lists(st.sampled_from(['"', '"', ",", "\n", "\r\n", "a", "b,c\n", '"x"', '""', "\xff"])), st.integers(1, 9))
@example(['"', "b,c\n"], 1)
def test_whatever_the_bytes_are_each_is_in_one_piece_and_cuts_do_not_matter(parts: list[str], step: int) -> None:
    content = "".join(parts).encode("latin-1")
    head = delimited.Header(("a", "b"), ",", 0)
    whole = list(delimited.rows([content], head, 12, skip=False))
    cut = list(delimited.rows([content[i : i + step] for i in range(0, len(content), step)], head, 12, skip=False))
    assert list(map(told, cut)) == list(map(told, whole))
    end = 0
    for piece in whole:
        assert piece.raw == content[piece.offset : piece.offset + piece.length]
        assert content[end : piece.offset].strip(b"\r\n") == b""
        end = piece.offset + piece.length
    assert content[end:].strip(b"\r\n") == b""


def told(piece: Piece) -> tuple[Any, ...]:
    reason = None if piece.reject is None else piece.reject.reason
    return piece.offset, piece.length, piece.raw, piece.value, reason


BAD_ROWS = {
    b"i,bad,5,2024-02-30T00:00:00Z": "bad_value",
    b"i,bad,1.5,": "bad_value",
    b"i,,5,": "no_key",
    b"i,bad,5": "invalid_csv",
    b"i,bad,5,,": "invalid_csv",
    b'i,"bad,5,': "invalid_csv",
    b'i,"bad" x,5,': "invalid_csv",
    b"i,\xff,5,": "invalid_unicode",
    b"i," + b"x" * LIMIT + b",5,": "too_large",
}


@pytest.mark.parametrize("row", BAD_ROWS, ids=BAD_ROWS.values())
@pytest.mark.parametrize("step", [3000, 2 * LIMIT])
def test_a_bad_line_of_a_csv_costs_itself_alone(row: bytes, step: int, tmp_path: Path) -> None:
    lines = [f"{KEY},shift_start_timestamp".encode(), b'i,"a\nb",1,', row, b'i,"c",1,2024-02-29', b"i,d,1,\r"]
    found, (bad,) = decoded(SHIFTS, b"\n".join(lines).replace(b"02-29", b"02-29T00:00:00Z"), tmp_path, step)
    assert [r["shift_id"] for r in found] == ["a\nb", "c", "d"]
    assert (bad.reason, bad.raw, bad.stream) == (BAD_ROWS[row], row, "import-staff_shifts")
    assert bad.offset == len(b"\n".join(lines[:2])) + 1
    assert bad.message.endswith(".")


def test_a_bad_row_of_parquet_is_kept_as_json(tmp_path: Path) -> None:
    rows = {"instance_id": ["i"] * 3, "shift_id": ["a", None, "c"], "shift_version": ["1", "2", "3.5"]}
    pq.write_table(pa.table(rows), tmp_path / "rows")
    (row,), bad = decoded(SHIFTS, (tmp_path / "rows").read_bytes(), tmp_path)
    assert (row["shift_id"], row["shift_version"]) == ("a", 1)
    assert [(b.reason, b.offset, b.json_path) for b in bad] == [
        ("no_key", 1, "shift_id"),
        ("bad_value", 2, "shift_version"),
    ]
    assert json.loads(bad[1].raw) == {"instance_id": "i", "shift_id": "c", "shift_version": "3.5"}
    assert bad[1].length == len(bad[1].raw)


def test_a_bad_document_costs_itself_alone(tmp_path: Path) -> None:
    good = [{"instance_id": "i", "SHIFT_ID": str(n), "shift_version": n} for n in range(3)]
    texts = [json.dumps(good[0]), "[1", json.dumps(good[1]), "7", '{"shift_id": "x"}', json.dumps(good[2])]
    found, bad = decoded(SHIFTS, "\n".join(texts).encode(), tmp_path)
    assert [r["shift_version"] for r in found] == [0, 1, 2]
    assert sorted(b.reason for b in bad) == ["no_key", "not_an_object", "not_an_object", "truncated"]


@pytest.mark.parametrize("type_", [pa.timestamp("ns"), pa.timestamp("ms", "UTC"), pa.timestamp("us", "Europe/London")])
def test_instants_of_any_parquet_unit(type_: pa.DataType, tmp_path: Path) -> None:
    at = pa.array([1_709_284_500_123_000], pa.timestamp("us", "UTC"))
    local = pa.array([1_709_284_500_123_000], pa.timestamp("us")).cast(type_) if type_.tz is None else at.cast(type_)
    rows = {"instance_id": ["i"], "shift_id": ["a"], "shift_version": pa.array([1], pa.uint8())}
    pq.write_table(pa.table({**rows, "shift_start_timestamp": local}), tmp_path / "rows")
    (row,), bad = decoded(SHIFTS, (tmp_path / "rows").read_bytes(), tmp_path)
    assert bad == []
    assert row["shift_start_timestamp"] == at[0].as_py()


def test_values_of_parquet_that_json_has_no_word_for(tmp_path: Path) -> None:
    rows = {
        "contact_id": pa.array([b"a", b"b", b"\xff", b"d"]),
        "instance_id": pa.array(["i"] * 4).dictionary_encode(),
        "attributes": pa.array([[("k", "v")], None, [], [("k", "1"), ("k", "2")]], pa.map_(pa.string(), pa.string())),
        "initiation_timestamp": ["2024-03-01T09:15:00Z"] * 4,
    }
    pq.write_table(pa.table(rows), tmp_path / "rows")
    found, bad = decoded("contact_record", (tmp_path / "rows").read_bytes(), tmp_path)
    assert [row["attributes"] for row in found] == [[("k", "v")], None]
    assert [(b.offset, b.reason) for b in bad] == [(2, "invalid_unicode"), (3, "duplicate_key")]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.decimal128(12, 3), pa.string()])
def test_numbers_of_any_parquet_type(kind: pa.DataType, tmp_path: Path) -> None:
    values = pa.array(["0.125", None, "12"], pa.string()).cast(kind)
    rows = {"instance_id": ["i"] * 3, "short_term_forecast_id": ["a", "b", "c"], "average_handle_time": values}
    pq.write_table(pa.table(rows), tmp_path / "rows")
    found, bad = decoded("short_term_forecasts", (tmp_path / "rows").read_bytes(), tmp_path)
    assert bad == []
    assert [row["average_handle_time"] for row in found] == [0.125, None, 12.0]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1e39"])
def test_numbers_beyond_a_float_are_no_numbers(number: str, tmp_path: Path) -> None:
    name = "talk_speed_agent_wpm"
    assert BY_NAME[ANALYTICS].by_name[name].type is FLOAT
    rows = {"instance_id": ["i"], "contact_id": ["a"], name: [float(number)]}
    pq.write_table(pa.table(rows), tmp_path / "rows")
    found, (bad,) = decoded(ANALYTICS, (tmp_path / "rows").read_bytes(), tmp_path)
    assert (found, bad.reason, bad.json_path) == ([], "bad_value", name)


def test_a_damaged_parquet_file_gives_what_can_be_read(tmp_path: Path) -> None:
    pq.write_table(some_rows(SHIFTS, 1, 1000), tmp_path / "rows", row_group_size=100, compression="none")
    content = bytearray((tmp_path / "rows").read_bytes())
    middle = pq.ParquetFile(tmp_path / "rows").metadata.row_group(5).column(0).data_page_offset
    content[middle : middle + 200] = b"\xff" * 200
    found, (bad,) = decoded(SHIFTS, bytes(content), tmp_path)
    assert bad.reason == "truncated"
    assert len(found) == bad.offset < 1000


def test_columns_are_told_by_their_names(tmp_path: Path) -> None:
    content = "\ufeffSHIFT_Version;Instance_ID;news;shift_id\n7;i;;a\n8;i;x;b\n".encode()
    batches = list(RowDecoder(*rows_of(SHIFTS), LIMIT).decode([content], tmp_path / "export"))
    (rows,) = batches[0].rows
    assert rows.rows.column("shift_version").to_pylist() == [7, 8]
    assert rows.versions.column("unknown").to_pylist() == [["news"], ["news"]]


def test_nested_values_may_be_text_and_must_be_json(tmp_path: Path) -> None:
    key = "instance_id,contact_id,initiation_timestamp,attributes"
    rows = ['i,a,2024-03-01,"{""k"": 1}"', "i,b,2024-03-01,", "i,c,2024-03-01,{k=1}"]
    content = "\n".join([key, *rows]).replace("03-01", "03-01T00:00:00Z").encode()
    found, (bad,) = decoded("contact_record", content, tmp_path)
    assert [r["attributes"] for r in found] == [[("k", "1")], None]
    assert (bad.reason, bad.json_path) == ("bad_value", "attributes")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"instance_id,shift_id\n", "it has no column shift_version"),
        (b"instance_id,shift_id,shift_version,SHIFT_ID\n", "more than one column shift_id"),
        (b"a,b\n1,2\n", "neither Parquet nor JSON"),
        (b"PK\3\4\0\0", "neither Parquet nor JSON"),
        ("instance_id".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_export_is_said(content: bytes, why: str) -> None:
    with pytest.raises(NotAnExport, match=why):
        format_of(content, BY_NAME[SHIFTS])


def test_csv_tells_null_from_empty_text(capsys: pytest.CaptureFixture[str]) -> None:
    rows = pa.table({"a": pa.array([None, "", "x", " "]), "b": pa.array([1, None, 2, 3])})
    render.write_csv(rows.to_batches(), rows.schema)
    assert capsys.readouterr().out == 'a,b\n,1\n"",\nx,2\n" ",3\n'
