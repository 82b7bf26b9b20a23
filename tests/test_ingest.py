"""A whole lake: however the input comes, the tables and the accounts are the same."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import zstandard
from comparing import content, counts, rows, scalar
from samples import agent_event, contact_record, event_bus, kinesis, lines, mixed, text

from contactlake import tasks
from contactlake.errors import ContactlakeError, UsageError
from contactlake.lake import Lake
from contactlake.lake import open as open_lake
from contactlake.landing import objects
from contactlake.storage.store import Store
from contactlake.tasks import Tasks
from contactlake.writing import Silent

Take = Callable[..., Any]
RECORDS = [*mixed(40), *(contact_record(n, version) for n in (0, 2, 4) for version in (1, 2))]
BAD = [
    b"{broken",
    b'{"a": 1}',
    b"null",
    text(contact_record(900, TotalPauseCount="x")),
    text(agent_event(901, EventId=None)),
]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("clean")
    (folder / "in").write_bytes(lines(RECORDS))
    lake = open_lake(folder / "lake")
    assert counts(lake.ingest(folder / "in")) == (46, 46, 0, 0)
    return lake


@pytest.mark.parametrize("seed", [pytest.param(n, marks=[pytest.mark.soak] if n > 1 else []) for n in range(20)])
def test_order_repetition_and_chunking(clean: Lake, lake: Lake, taken: Take, seed: int) -> None:
    """Shuffled, repeated, mixed with broken pieces, cut into files and runs: the same tables, and exact accounts."""
    random = Random(seed)
    documents = [text(r) for r in RECORDS]
    repeated = documents + random.choices(documents, k=30) + BAD
    random.shuffle(repeated)
    total = [0, 0, 0, 0]
    while repeated:
        contents = []
        for _ in range(random.randint(1, 4)):
            size = random.randint(1, 40)
            part, repeated = repeated[:size], repeated[size:]
            contents.append(b"".join(d + random.choice([b"\n", b"\r\n", b"\n\n"]) for d in part))
        total = [a + b for a, b in zip(total, counts(taken(lake, *contents)), strict=True)]
    assert total == [46 + 30 + 5, 46, 30, 5]
    assert content(lake) == content(clean)
    assert lake.status()["stored"] == 46
    assert sorted(r["raw"] for r in lake.query("SELECT raw FROM quarantine").rows()) == sorted(BAD)


def test_every_form_of_the_same_records(clean: Lake, lake: Lake, taken: Take) -> None:
    """The first form stores everything; all others are duplicates, record for record."""
    documents = [text(r) for r in RECORDS]
    newlines = b"\n".join(documents)
    forms = {
        "lines": newlines,
        "CRLF": b"\r\n".join(documents) + b"\r\n",
        "BOM": b"\xef\xbb\xbf" + newlines,
        "concatenated": b"".join(documents),
        "array": b"[" + b",".join(documents) + b"]",
        "pretty array": text(RECORDS, indent=2),
        "pretty": b"\n".join(text(r, indent=4) for r in RECORDS),
        "compact": b"\n".join(text(r, separators=(",", ":")) for r in RECORDS),
        "ASCII, keys in another order": b"\n".join(json.dumps(dict(reversed(r.items()))).encode() for r in RECORDS),
        "gzip": gzip.compress(newlines),
        "gzip members": b"".join(gzip.compress(d + b"\n") for d in documents),
        "gzip members without line breaks": b"".join(gzip.compress(d) for d in documents),
        "gzip of concatenated": gzip.compress(b"".join(documents)),
        "zstd": zstandard.compress(newlines),
        "zstd frames": b"".join(zstandard.compress(d) for d in documents),
        "kinesis": text(kinesis(documents)),
        "kinesis, gzip": text(kinesis(documents, zipped=True)),
        "kinesis in gzip": gzip.compress(text(kinesis(documents))),
        "event bus": b"\n".join(text(event_bus(r)) for r in RECORDS),
        "mixture": documents[0]
        + documents[1]
        + b"\n["
        + b", ".join(documents[2:9])
        + b"]\r\n"
        + text(RECORDS[9], indent=1)
        + documents[10]
        + b"\n"
        + text(kinesis(documents[11:])),
    }
    first = taken(lake, forms.pop("lines"))
    assert counts(first) == (46, 46, 0, 0)
    summary = taken(lake, *forms.values())
    assert [(a.records, a.duplicates) for a in summary.files.values()] == [(46, 46)] * len(forms)
    assert content(lake) == content(clean)
    for name in ("pretty array", "mixture"):  # each as the first
        other = open_lake(lake.folder.parent / f"lake-{name}")
        assert counts(taken(other, forms[name])) == (46, 46, 0, 0)
        assert content(other) == content(clean)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_newest_version_wins(lake: Lake, taken: Take, order: tuple[int, ...]) -> None:
    versions = [contact_record(1, v) for v in range(3)]
    for v in order:
        assert counts(taken(lake, text(versions[v]) + text(contact_record(50 + v)))) == (2, 2, 0, 0)
    assert counts(taken(lake, text(versions[0], indent=1))) == (1, 0, 1, 0)
    found = scalar(
        lake, f"SELECT attributes['version'] FROM contact_record WHERE contact_id = '{versions[0]['ContactId']}'"
    )
    assert found in ("2", ["2"])
    assert scalar(lake, "SELECT count(*) FROM contact_record") == 4


def test_ties_are_broken_the_same_way(tmp_path: Path, taken: Take) -> None:
    one, other = (contact_record(1, Attributes={"which": w}) for w in "ab")
    without = contact_record(1, Attributes={"which": "c"}, LastUpdateTimestamp=None)
    found = set()
    for n, inputs in enumerate([[one, other, without], [without, other, one]]):
        together, apart = open_lake(tmp_path / f"t{n}"), open_lake(tmp_path / f"a{n}")
        taken(together, lines(inputs))
        for record in inputs:
            taken(apart, text(record))
        for lake in (together, apart):
            (row,) = lake.query("SELECT attributes::VARCHAR AS a FROM contact_record").rows()
            found.add(row["a"])
    assert len(found) == 1
    assert "c" not in found.pop().partition("which")[2]


def test_a_record_without_stamp_loses_and_is_replaced(lake: Lake, taken: Take) -> None:
    taken(lake, text(contact_record(1, LastUpdateTimestamp=None, Channel="CHAT")))
    assert scalar(lake, "SELECT channel FROM contact_record") == "CHAT"
    taken(lake, text(contact_record(1)))
    assert scalar(lake, "SELECT channel FROM contact_record") == "VOICE"
    taken(lake, text(contact_record(1, LastUpdateTimestamp="", Channel="TASK")))
    assert scalar(lake, "SELECT channel FROM contact_record") == "VOICE"


def test_a_contact_whose_day_changes_moves(lake: Lake, taken: Take) -> None:
    """The old row goes, whichever came first; also when a third version moves it again."""
    days = ["2026-03-02", "2026-04-05", "2026-01-01"]
    versions = [contact_record(1, v, InitiationTimestamp=f"{day}T10:00:00Z") for v, day in enumerate(days)]
    for v in (1, 0, 2):
        taken(lake, text(versions[v]) + text(contact_record(10 + v, InitiationTimestamp=f"{days[0]}T11:00:00Z")))
        (row,) = lake.query(
            f"SELECT initiation_timestamp AS t FROM contact_record WHERE contact_id = '{versions[0]['ContactId']}'"
        ).rows()
        assert row["t"].strftime("%Y-%m-%d") == days[2 if v == 2 else 1]
    assert scalar(lake, "SELECT count(*) FROM contact_record") == 4


def test_the_same_bytes_again_are_skipped(lake: Lake, taken: Take, tmp_path: Path) -> None:
    data = lines(mixed(5))
    taken(lake, data)
    before = content(lake)
    again = taken(lake, data, data)
    assert counts(again) == (0, 0, 0, 0)
    assert [s["reason"].startswith("the same bytes were ingested before") for s in again.skipped] == [True, True]
    assert content(lake) == before
    both = taken(open_lake(tmp_path / "other"), data, data)
    assert counts(both) == (5, 5, 0, 0)
    assert len(both.skipped) == 1


def test_in_place(clean: Lake, lake: Lake, tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(lines(RECORDS[:20]) + b"{broken\n")
    packed.write_bytes(gzip.compress(lines(RECORDS[20:])))
    assert counts(lake.ingest(plain, packed, in_place=True)) == (47, 46, 0, 1)
    assert content(lake) == content(clean)
    assert not list((lake.folder / "raw").rglob("*.*")) if (lake.folder / "raw").exists() else True
    assert plain.read_bytes().endswith(b"{broken\n")
    assert counts(lake.ingest(plain, packed)) == (0, 0, 0, 0)


@pytest.mark.parametrize("way", ["copied", "without second names", "in place"])
def test_a_large_file_is_decoded_while_it_is_landed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """What its first tasks make bears a passing id; in the end nothing does, and all is as decoded afterwards."""
    documents = [text(r) for r in [*mixed(600, first=1000), *RECORDS]]
    bad = [BAD[at % len(BAD)] for at in range(len(documents) // 50)]
    for at, document in enumerate(bad):
        documents.insert(50 * at, document)
    source = tmp_path / "source"
    source.write_bytes(b"\n".join(documents))

    def refuse(*_: object) -> None:
        raise OSError("this file system gives a file one name")

    early: list[str] = []
    known_as = Tasks.known_as
    monkeypatch.setattr(Tasks, "known_as", lambda *given: early.append(given[1]) or known_as(*given))
    for module, name, value in (
        *((objects, name, 1 << 15) for name in ("FRAME_BYTES", "_CHUNK")),
        *((tasks, name, 1 << 17) for name in ("TASK_BYTES", "LARGE_BYTES")),
    ):
        monkeypatch.setattr(module, name, value)
    if way == "without second names":
        monkeypatch.setattr(os, "link", refuse)
    lakes = [open_lake(tmp_path / name) for name in ("early", "after")]
    lakes[0].settings = replace(lakes[0].settings, workers=2)
    lakes[1].settings = replace(lakes[1].settings, workers=1)
    summaries = [lake.ingest(source, in_place=way == "in place") for lake in lakes]
    assert len(early) == 1 and summaries[0].quarantined == len(bad)
    assert counts(summaries[0]) == counts(summaries[1])
    assert content(lakes[0]) == content(lakes[1])
    held = "SELECT * EXCLUDE (landed_at) FROM quarantine ORDER BY id"
    assert lakes[0].query(held).rows() == lakes[1].query(held).rows()
    assert not lakes[0].query(f"SELECT 1 FROM record_version WHERE object = '{early[0]}'").rows()
    assert not list((lakes[0].folder / "raw").glob("landing-*"))
    again = lakes[0].ingest(source)
    assert counts(again) == (0, 0, 0, 0) and len(again.skipped) == 1


@pytest.mark.parametrize("large", [1 << 16, 1 << 30])
def test_a_file_that_is_written_to_while_it_is_read_is_not_taken(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    """Also where tasks have begun with it; when it is whole, all of it is taken."""
    source = tmp_path / "source"
    source.write_bytes(lines(mixed(300)))
    small = {(objects, "FRAME_BYTES"): 1 << 14, (objects, "_CHUNK"): 1 << 14, (tasks, "TASK_BYTES"): 1 << 15}
    for (module, name), value in {**small, (tasks, "LARGE_BYTES"): large}.items():
        monkeypatch.setattr(module, name, value)
    lake.settings = replace(lake.settings, workers=2)

    class Writes(Silent):
        def landed(self, bytes_: int) -> None:
            if source.stat().st_size == size:
                source.write_bytes(source.read_bytes() + lines(mixed(1, first=900)))

    size = source.stat().st_size
    with pytest.raises(ContactlakeError, match="was changed while it was being read"):
        lake.ingest(source, watcher=Writes())
    assert not lake.query("SELECT 1 FROM agent_event UNION ALL SELECT 1 FROM contact_record").rows()
    assert counts(lake.ingest(source)) == (301, 301, 0, 0)


def test_truncated_gzip(lake: Lake, taken: Take) -> None:
    """What came before is taken; the cut is one record in quarantine; the rest of the run is not affected."""
    whole = gzip.compress(lines(mixed(30)))
    summary = taken(lake, whole[: len(whole) // 2], lines(mixed(3, first=100)))
    _records, stored, _, quarantined = counts(summary)
    assert quarantined == 1
    assert 3 < stored < 33
    assert summary.reasons == {"truncated": 1}
    assert counts(taken(lake, whole)) == (30, 30 - stored + 3, stored - 3, 0)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_damaged_compression_never_stops_a_run(lake: Lake, taken: Take, kind: str) -> None:
    random = Random(1)
    pack = gzip.compress if kind == "gzip" else zstandard.ZstdCompressor(write_checksum=True).compress
    whole = pack(lines(mixed(20)))
    damaged = []
    for _ in range(25):
        at = random.randrange(len(whole))
        damaged.append(
            random.choice(
                [whole[:at], whole[:at] + random.randbytes(3) + whole[at + 3 :], whole + random.randbytes(at)]
            )
        )
    summary = taken(lake, *damaged, lines(mixed(2, first=300)))
    counts(summary)
    assert scalar(lake, "SELECT count(*) FROM record_version") <= 22
    assert scalar(lake, "SELECT count(*) FROM quarantine") == summary.quarantined > 0


def test_standard_input_and_pipes(clean: Lake, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(gzip.compress(lines(RECORDS[:30]), mtime=0))

    monkeypatch.setattr(sys, "stdin", Input)
    assert counts(lake.ingest("-")) == (30, 30, 0, 0)
    reading, writing = os.pipe()
    os.write(writing, lines(RECORDS[30:]))
    os.close(writing)
    assert counts(lake.ingest(f"/dev/fd/{reading}")) == (16, 16, 0, 0)
    os.close(reading)
    assert content(lake) == content(clean)
    Input.buffer = io.BytesIO(gzip.compress(lines(RECORDS[:30]), mtime=0))
    assert len(lake.ingest("-").skipped) == 1


def test_folders_globs_and_what_is_not_text(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "streams"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "one.json").write_bytes(text(contact_record(1)))
    (folder / "deep" / "two").write_bytes(text(contact_record(2)))
    (folder / "deep" / "er" / "three.gz").write_bytes(text(contact_record(3)))  # the name says nothing
    (folder / "call.wav").write_bytes(b"RIFF" + bytes(range(256)) * 40)
    (folder / "notes.txt").write_bytes(b"contact,agent\na,b\nc,d\ne,f\n")
    (folder / "empty").write_bytes(b"")
    (folder / "spaces").write_bytes(b" \n\n")
    (folder / "deep" / "loop").symlink_to(folder)
    (folder / "deep" / "loop2").symlink_to(folder / "deep")
    odd = os.fsencode(folder) + b"/caf\xe9.json"
    with open(odd, "wb") as out:
        out.write(text(contact_record(4)) + b"\n{broken")
    shutil.copytree(folder, lake.folder / "raw" / "streams", symlinks=True)  # in the lake's own folder: never read
    summary = lake.ingest(folder)
    assert counts(summary) == (5, 4, 0, 1)
    assert sorted(Path(s["file"]).name for s in summary.skipped) == ["call.wav", "notes.txt"]
    assert [Path(f).name for f in summary.files if "caf" in f] == ["caf\\xe9.json"]
    assert counts(lake.ingest(lake.folder)) == (0, 0, 0, 0)
    (folder / "five.json").write_bytes(text(contact_record(5)))
    assert counts(lake.ingest(str(folder / "*.json"))) == (1, 1, 0, 0)
    with pytest.raises(UsageError):
        lake.ingest(folder / "nothing*")


def test_json_that_holds_no_object(lake: Lake, taken: Take) -> None:
    summary = taken(lake, b"null\nnull\nnull\nnull\n", b"1\n2\n3\n4\n", b'[1, "x", [], null]', b"null")
    assert counts(summary) == (13, 0, 0, 13)
    assert summary.reasons == {"not_an_object": 13}


def test_binary_before_records(lake: Lake, taken: Take) -> None:
    """Blocks of NUL, as a crash leaves them, do not hide the records around them."""
    summary = taken(
        lake, b"\0" * 4096 + b"\n" + text(contact_record(1)) + b"\n" + b"\0" * 99 + b"\n" + text(contact_record(2))
    )
    assert counts(summary) == (4, 2, 0, 2)


def test_quarantine_keeps_exact_bytes(lake: Lake, taken: Take, tmp_path: Path) -> None:
    wrapped = kinesis([b"{oops", text(contact_record(2, TotalPauseCount=[])), b"\xff"])
    data = b"\n".join([text(contact_record(1)), *BAD, b'{"a": "\xff\xfe"}', text(wrapped), text(wrapped)])
    summary = taken(lake, data)
    assert counts(summary) == (13, 1, 0, 12)
    view = lake.quarantine()
    listed = view.list().rows()
    assert len({r["id"] for r in listed}) == 12
    source = next(iter(summary.files))
    for facts in listed:
        raw = b"".join(view.raw(facts["id"]))
        assert facts["source"] == source
        if facts["json_path"] is None or "Records" not in facts["json_path"]:
            assert raw == data[facts["offset"] : facts["offset"] + facts["length"]]
        assert view.show(facts["id"]) == facts
    assert view.export(tmp_path / "out") == 12
    index = [json.loads(line) for line in (tmp_path / "out" / "index.jsonl").read_text().splitlines()]
    assert sorted((tmp_path / "out" / i["file"]).read_bytes() for i in index) == sorted(
        [*BAD, b'{"a": "\xff\xfe"}', *2 * [b"{oops", text(contact_record(2, TotalPauseCount=[])), b"\xff"]]
    )
    with pytest.raises(UsageError):
        view.show("no such id")


def test_quarantine_retry(lake: Lake, taken: Take, tmp_path: Path) -> None:
    """What a version with a larger limit can take leaves quarantine; everything else stays, byte for byte."""
    large = [contact_record(n, Attributes={"a": "x" * 9000}) for n in range(3)]
    small = open_lake(lake.folder, max_record_bytes=8000)
    data = lines([contact_record(9), *large, large[0]]) + b"\n".join(BAD)
    assert counts(taken(small, data)) == (10, 1, 0, 9)
    before = sorted(r["raw"] for r in lake.query("SELECT raw FROM quarantine").rows())
    assert counts(small.retry_quarantine()) == (9, 0, 0, 9)
    assert sorted(r["raw"] for r in lake.query("SELECT raw FROM quarantine").rows()) == before
    assert counts(lake.retry_quarantine("invalid_json")) == (1, 0, 0, 1)
    assert counts(lake.retry_quarantine("too_large")) == (4, 3, 1, 0)
    assert counts(lake.retry_quarantine()) == (5, 0, 0, 5)
    assert sorted(r["raw"] for r in lake.query("SELECT raw FROM quarantine").rows()) == sorted(BAD)
    other = open_lake(tmp_path / "other")
    taken(other, data)
    assert content(other) == content(lake)
    facts = lake.status()
    assert facts["records"] == facts["stored"] + facts["duplicates"] + facts["quarantined"] == 10
    assert facts["quarantined"] == 5


def test_extreme_days(lake: Lake, taken: Take) -> None:
    stamps = [
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ]
    taken(lake, *[text(contact_record(n, InitiationTimestamp=s)) for n, s in enumerate(stamps)])
    taken(lake, text(contact_record(1, 1, InitiationTimestamp=stamps[0])))
    assert scalar(lake, "SELECT count(*) FROM contact_record") == 4
    assert scalar(lake, "SELECT count(*) FROM contact_record WHERE year(initiation_timestamp) = 1") == 2


def test_keys_with_control_characters_do_not_meet(lake: Lake, taken: Take) -> None:
    strange = [
        contact_record(2, InstanceARN="arn:aws:connect:x:1:instance/a\x1fb", ContactId="c"),
        contact_record(2, InstanceARN="arn:aws:connect:x:1:instance/a", ContactId="b\x1fc"),
    ]
    assert counts(taken(lake, lines(strange))) == (2, 2, 0, 0)
    assert scalar(lake, "SELECT count(*) FROM contact_record") == 2


@pytest.mark.parametrize("table", ["contact_record", "quarantine", "record_version"])
def test_a_commit_that_fails_is_finished_by_the_next_run(
    clean: Lake, lake: Lake, taken: Take, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """An error (not a kill) in the middle of a batch: the plan and its files stay until it is carried out."""
    usual = Store.commit

    def broken(self: Store, declared: Any, *arguments: Any) -> None:
        if declared.name == table:
            raise ContactlakeError("no space left")
        usual(self, declared, *arguments)

    taken(lake, lines(RECORDS[:9]))
    with monkeypatch.context() as patched:
        patched.setattr(Store, "commit", broken)
        with pytest.raises(ContactlakeError):
            taken(lake, lines(RECORDS[9:30]) + b"{broken")
        with pytest.raises(ContactlakeError):
            taken(lake, lines(RECORDS[30:]))
    taken(lake, lines(RECORDS[30:]))
    assert content(lake) == content(clean)
    assert scalar(lake, "SELECT count(*) FROM quarantine") == 1
    facts = lake.status()
    assert (facts["records"], facts["stored"], facts["quarantined"], facts["waiting"]) == (47, 46, 1, 0)


def test_rows_of_a_version_point_to_exact_bytes(lake: Lake, taken: Take) -> None:
    data = b"".join(text(r) for r in RECORDS)
    taken(lake, data)
    for row in lake.query('SELECT "offset", length FROM record_version').rows():
        json.loads(data[row["offset"] : row["offset"] + row["length"]])


def test_processed_stamp_is_the_clock(tmp_path: Path, taken: Take) -> None:
    lake = open_lake(tmp_path / "lake", now=lambda: 1_700_000_000_000_000)
    taken(lake, text(contact_record(1)))
    assert (
        scalar(lake, "SELECT epoch_us(data_lake_last_processed_timestamp) FROM contact_record") == 1_700_000_000_000_000
    )
    assert len(rows(lake, "contact_record")) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_record_too_large_to_carry_is_tried_again_from_what_was_landed(tmp_path: Path, packed: bool) -> None:
    record = contact_record(1, Attributes={"a": "x" * (17 << 20)})
    data = lines([contact_record(2), record, contact_record(3)])
    (tmp_path / "in").write_bytes(gzip.compress(data, 1) if packed else data)
    lake = open_lake(tmp_path / "lake")
    assert counts(lake.ingest(tmp_path / "in")) == (3, 2, 0, 1)
    assert counts(lake.retry_quarantine()) == (0, 0, 0, 0)
    assert counts(open_lake(lake.folder, max_record_bytes=32 << 20).retry_quarantine()) == (1, 1, 0, 0)
    assert scalar(lake, "SELECT max(length(attributes['a'])) FROM contact_record") == 17 << 20
    assert lake.status()["quarantined"] == 0


def test_a_file_in_place_that_changed_before_it_was_built_is_not_taken_for_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in"
    source.write_bytes(lines(RECORDS[:5]))
    lake = open_lake(tmp_path / "lake")
    with monkeypatch.context() as patched:
        patched.setattr("contactlake.ingest.Run._finish_batch", _killed)
        with pytest.raises(KeyboardInterrupt):
            lake.ingest(source, in_place=True)
    source.write_bytes(lines(RECORDS[5:10]))
    assert counts(lake.ingest(source)) == (5, 5, 0, 0)
    assert lake.status()["waiting"] == 1
    source.write_bytes(lines(RECORDS[:5]))
    assert counts(lake.ingest(tmp_path / "in")) == (5, 5, 0, 0)
    assert lake.status()["waiting"] == 0


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
