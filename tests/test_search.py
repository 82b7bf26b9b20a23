"""Search: the answers equal a plain filter over the same contacts, page by page, whatever the values are."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import unicodedata
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import contactlake
from contactlake import searching
from contactlake.cli import main
from contactlake.criteria import milliseconds, moment, pattern
from contactlake.engines import parquet
from contactlake.errors import UsageError
from contactlake.storage.store import Store
from tests.conftest import SOAK
from tests.lakes import Clock

INSTANCE = "11111111-2222-4333-8444-555555555555"
ARN = f"arn:aws:connect:eu-west-1:123456789012:instance/{INSTANCE}"
START = datetime(2025, 3, 1, 6, tzinfo=UTC)
HOSTILE = [
    "O'Brien",
    "100%",
    "a_b",
    '"x"',
    "'; DROP TABLE contact_record; --",
    "Ärger",
    "返金",
    "\\",
    "$v0",
    "?",
    " ",
    "{x}",
]
QUEUES = ["Billing", "Support", *HOSTILE[:4]]
AGENTS = ["jane", "joe", "o'neil"]
PHONES = ["+442071838750", "+4420718387", "sip:jane@example.com", "100%"]
WORDS = [
    "cancel",
    "Kündigung",
    "refund",
    "返金したい",
    "cancel-it",
    "account",
    "100%",
    "O'Brien",
    "don't",
    "a_b",
    "uncancel",
]
MOODS = [-5, -2.3, 0, 0.7, 5]
CATEGORIES = ["Praise", "O'Brien", "100%"]


def stamp(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def contact(chance, number, version=0):
    begun = START + timedelta(days=chance.randrange(40), milliseconds=chance.randrange(86_400_000))
    if chance.random() < 0.1:
        begun = START  # several contacts of one moment
    ended = None if chance.random() < 0.1 else begun + timedelta(milliseconds=chance.randrange(3_000_000))
    queue, agent = chance.choice([None, *QUEUES]), chance.choice([None, *AGENTS])
    record = {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "InstanceARN": ARN,
        "ContactId": str(uuid.UUID(int=number, version=4)),
        "Channel": chance.choice(["VOICE", "CHAT"]),
        "InitiationMethod": chance.choice(["INBOUND", "OUTBOUND", "TRANSFER"]),
        "InitiationTimestamp": stamp(begun),
        "DisconnectTimestamp": stamp(ended) if ended else None,
        "LastUpdateTimestamp": stamp(START + timedelta(days=50, seconds=version)),
        "DisconnectReason": chance.choice([None, "CUSTOMER_DISCONNECT", "AGENT_DISCONNECT"]),
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": chance.choice(PHONES)},
        "SystemEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": chance.choice(PHONES)},
        "Attributes": {k: chance.choice(HOSTILE) for k in chance.sample(["case", "a'b", "%"], chance.randrange(4))},
    }
    if queue:
        record["Queue"] = {"Name": queue, "ARN": f"{ARN}/queue/q-{QUEUES.index(queue)}"}
    if agent:
        record["Agent"] = {"Username": agent, "ARN": f"{ARN}/agent/a-{AGENTS.index(agent)}"}
    if chance.random() < 0.4:
        scores = [{"ParticipantRole": "CUSTOMER", "Score": chance.choice(MOODS)} for _ in range(chance.randrange(3))]
        record["ContactLens"] = {"SentimentScore": scores, "Categories": chance.sample(CATEGORIES, chance.randrange(3))}
    return record


def analysis(chance, id_):
    turns = [" ".join(chance.choices([*WORDS, "and", "so"], k=chance.randrange(6))) for _ in range(3)]
    return {
        "Version": "1.1.0",
        "Channel": "VOICE",
        "JobStatus": "COMPLETED",
        "LanguageCode": "en-GB",
        "CustomerMetadata": {"ContactId": id_, "InstanceId": INSTANCE},
        "Participants": [{"ParticipantId": "A", "ParticipantRole": "AGENT"}],
        "Categories": chance.choice([{}, {"MatchedCategories": chance.sample(CATEGORIES, chance.randrange(3))}]),
        "Transcript": [{"Id": f"t{n}", "ParticipantId": "A", "Content": turn} for n, turn in enumerate(turns)],
        "ConversationCharacteristics": {"Sentiment": {"OverallSentiment": {"CUSTOMER": chance.choice([None, *MOODS])}}},
    }


@pytest.fixture(scope="module")
def centre(tmp_path_factory):
    """A lake taken in by three runs, with updates and contacts whose day changes; and what it holds, in plain Python."""
    folder = tmp_path_factory.mktemp("search")
    chance = random.Random(7)
    lake = contactlake.open(folder / "lake", now=Clock())
    contacts, analyses = {}, {}
    for run in range(3):
        part = folder / f"run-{run}"
        part.mkdir()
        changed = [contact(chance, n, run) for n in chance.sample(range(120), 60)]
        contacts |= {c["ContactId"]: c for c in changed}
        (part / "contacts.jsonl").write_text("".join(json.dumps(c) + "\n" for c in changed))
        for redacted in (False, True):
            for id_ in chance.sample(sorted(contacts), 9):
                made, when = analysis(chance, id_), f"2025-05-0{run + 1}T00:00:00Z"
                (part / f"{id_}_analysis_{'redacted_' if redacted else ''}{when}.json").write_text(json.dumps(made))
                rank = (not redacted, when)
                if id_ not in analyses or rank > analyses[id_][0]:
                    analyses[id_] = (rank, made)
        lake.ingest(part)
    (folder / "lake").joinpath("nothing").touch()
    return lake, list(contacts.values()), {id_: made for id_, (_, made) in analyses.items()}


def time_of(text):
    return datetime.fromisoformat(text)


def is_part_of_a_word(char):
    name = unicodedata.name(char, "")
    spaced = not name.startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI"))
    return spaced and (char == "_" or unicodedata.category(char)[0] in "LMN")


def says(text, phrase):
    """Whether a phrase stands in a text by itself; written without regular expressions."""
    text, phrase = " ".join(text.lower().split()), " ".join(phrase.lower().split())
    at = text.find(phrase)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(phrase) : at + len(phrase) + 1]
        if not (before and is_part_of_a_word(before)) and not (after and is_part_of_a_word(after)):
            return True
        at = text.find(phrase, at + 1)
    return False


def measures(c, a):
    """Categories and mood: what a file leaves out, the contact's record tells."""
    told = c.get("ContactLens", {"SentimentScore": [], "Categories": []})
    scores = [s["Score"] for s in told["SentimentScore"]]
    categories, mood = None, None
    if a:
        categories = a["Categories"].get("MatchedCategories")
        mood = a["ConversationCharacteristics"]["Sentiment"]["OverallSentiment"]["CUSTOMER"]
    if mood is None and scores:
        mood = round(sum(scores) / len(scores), 6)
    return told["Categories"] if categories is None else categories, mood


def fits(c, a, want):
    begun, ended = time_of(c["InitiationTimestamp"]), c["DisconnectTimestamp"] and time_of(c["DisconnectTimestamp"])
    length = ended and (ended - begun) // timedelta(milliseconds=1)
    at = ended if want.get("by") == "disconnect" else begun
    queue, agent = c.get("Queue", {}), c.get("Agent", {})
    names = (
        ("ids", [c["ContactId"]]),
        ("queues", [queue.get("Name"), queue.get("ARN"), queue.get("ARN", "").rpartition("/")[2]]),
        ("agents", [agent.get("Username"), agent.get("ARN"), agent.get("ARN", "").rpartition("/")[2]]),
        ("channels", [c["Channel"]]),
        ("phones", [c["CustomerEndpoint"]["Address"], c["SystemEndpoint"]["Address"]]),
        ("disconnect_reasons", [c["DisconnectReason"]]),
        ("methods", [c["InitiationMethod"]]),
        ("categories", measures(c, a)[0]),
    )
    mood = measures(c, a)[1]
    label = None if mood is None else "positive" if mood > 0 else "negative" if mood < 0 else "neutral"
    return (
        all(set(want[name]) & set(has) for name, has in names if want.get(name))
        and ("start" not in want or (at is not None and at >= want["start"]))
        and ("end" not in want or (at is not None and at < want["end"]))
        and all(n in c["Attributes"] and v in (None, c["Attributes"][n]) for n, v in want.get("attributes", ()))
        and (
            "min_duration" not in want
            or (length is not None and length >= want["min_duration"] // timedelta(milliseconds=1))
        )
        and (
            "max_duration" not in want
            or (length is not None and length <= want["max_duration"] // timedelta(milliseconds=1))
        )
        and ("min_sentiment" not in want or (mood is not None and mood >= want["min_sentiment"]))
        and ("max_sentiment" not in want or (mood is not None and mood <= want["max_sentiment"]))
        and (not want.get("sentiments") or label in want["sentiments"])
        and all(a and any(says(t["Content"], w) for t in a["Transcript"]) for w in want.get("words", ()))
    )


def expected(contacts, analyses, want, oldest_first):
    found = [c for c in contacts if fits(c, analyses.get(c["ContactId"]), want)]
    key = lambda c: (time_of(c["InitiationTimestamp"]), c["ContactId"])  # noqa: E731
    return [c["ContactId"] for c in sorted(found, key=key, reverse=not oldest_first)]


def some(*values, most=2):
    return st.lists(st.sampled_from(values), min_size=1, max_size=most)


times = st.builds(lambda d, h: START + timedelta(days=d, hours=h), st.integers(-2, 42), st.integers(0, 23))
lengths = st.sampled_from([0, 600_000, 1_500_000]).map(lambda n: timedelta(milliseconds=n))
attribute = st.tuples(st.sampled_from(["case", "a'b", "%", "none"]), st.sampled_from([None, *HOSTILE]))
wishes = st.fixed_dictionaries(
    {},
    optional={
        "ids": st.lists(st.integers(0, 130).map(lambda n: str(uuid.UUID(int=n, version=4))), min_size=1, max_size=80),
        "start": times,
        "end": times,
        "by": st.sampled_from(["initiation", "disconnect"]),
        "queues": some(*QUEUES, "q-1", f"{ARN}/queue/q-2", "%"),
        "agents": some(*AGENTS, "a-1", f"{ARN}/agent/a-0", "' OR true --"),
        "channels": some("VOICE", "CHAT"),
        "phones": some(*PHONES),
        "attributes": st.lists(attribute, min_size=1, max_size=2),
        "categories": some("Praise", "O'Brien", "100%", "%"),
        "words": some(*WORDS, "返金", "cancel and", "%", "kündigung", "a.b"),
        "sentiments": some("positive", "neutral", "negative"),
        "min_sentiment": st.sampled_from(MOODS),
        "max_sentiment": st.sampled_from(MOODS),
        "min_duration": lengths,
        "max_duration": lengths,
        "disconnect_reasons": some("CUSTOMER_DISCONNECT", "API"),
        "methods": some("INBOUND", "TRANSFER"),
    },
)
# Few wishes at a time, or nothing is ever found.
few = st.builds(
    lambda want, keep: {k: v for n, (k, v) in enumerate(sorted(want.items())) if n in keep},
    wishes,
    st.sets(st.integers(0, 18), min_size=1, max_size=3),
)


@settings(max_examples=300 if SOAK else 15)
@given(few, st.booleans(), st.integers(20, 90))
def test_search_equals_a_plain_filter(centre, want, oldest_first, limit):
    lake, contacts, analyses = centre
    wanted = expected(contacts, analyses, want, oldest_first)
    found, after = [], None
    while True:
        page = lake.search(**want, limit=limit, after=after, oldest_first=oldest_first, columns=["contact_id"])
        rows = page.rows()
        found += [row["contact_id"] for row in rows]
        assert len(rows) == limit or page.next is None
        after = page.next
        if after is None or len(found) > len(wanted):
            break
    assert found == wanted
    if found:
        whole = lake.search(**want, limit=None, oldest_first=oldest_first)
        assert [row["contact_id"] for row in whole] == wanted
        assert whole.next is None


def test_some_wishes_are_granted(centre):
    """The filter that search is compared with is no filter that finds nothing."""
    lake, contacts, analyses = centre
    for want in (
        {"words": ["cancel"]}, {"words": ["返金"]}, {"words": ["kündigung"]}, {"words": ["100%"]}, {"words": ["a_b"]},
        {"categories": ["O'Brien"]}, {"categories": ["100%"], "words": ["cancel"]}, {"sentiments": ["negative"]}, {"max_sentiment": -2.3}, {"phones": ["100%"]},
        {"attributes": [("a'b", "'; DROP TABLE contact_record; --")]}, {"queues": ["100%"]}, {"agents": ["o'neil"]},
    ):  # fmt: skip
        wanted = expected(contacts, analyses, want, True)
        assert 0 < len(wanted) < len(contacts), want
        assert [r["contact_id"] for r in lake.search(**want, limit=None, oldest_first=True)] == wanted, want


@settings(max_examples=2)
@given(st.text(max_size=20))
def test_hostile_values_are_only_values(centre, text):
    lake, contacts, _ = centre
    for kind in (
        "ids",
        "queues",
        "agents",
        "channels",
        "phones",
        "categories",
        "disconnect_reasons",
        "methods",
        "words",
    ):
        if kind == "words" and not text.strip():
            continue
        taken = any(text in json.dumps(c, ensure_ascii=False) for c in contacts) or kind == "words"
        assert taken or lake.search(**{kind: [text]}).rows() == []
    assert len(lake.search(limit=None).rows()) == len(contacts)


@pytest.mark.parametrize("damage", ["gone", "torn", "nonsense", "half"])
def test_ids_are_found_without_the_lists_of_where_they_stand(centre, damage, tmp_path):
    lake, contacts, analyses = centre
    ids, kept = lake.folder / "cache" / "ids", tmp_path / "kept"
    shutil.copytree(ids, kept)
    segments = sorted(ids.rglob("*.arrow"))
    assert segments
    match damage:
        case "gone":
            shutil.rmtree(ids)
        case "torn":
            for path in segments:
                path.write_bytes(path.read_bytes()[:100])
        case "nonsense":
            for path in ids.rglob("segments.json"):
                path.write_text("[1, 2")
        case "half":
            for path in segments:
                path.unlink()
    try:
        wanted = [c["ContactId"] for c in contacts[:7]]
        for want in ({"ids": wanted}, {"words": ["cancel"]}):
            found = [r["contact_id"] for r in lake.search(**want, limit=None, oldest_first=True)]
            assert found == expected(contacts, analyses, want, True)
        lake.build()  # any writer makes them again
        assert sorted(ids.rglob("*.arrow"))
        assert {r["contact_id"] for r in lake.search(ids=wanted)} == set(wanted)
    finally:
        shutil.rmtree(ids)
        shutil.copytree(kept, ids)


def test_ids_are_found_alike_with_and_without_sql(centre, monkeypatch):
    """In few files they are found without; the same rows, types, order and next page as with it."""
    lake, contacts, _ = centre
    taken = []
    monkeypatch.setattr(parquet, "rows_with", lambda *said, by=parquet.rows_with: taken.append(by(*said)) or taken[-1])
    known = [c["ContactId"] for c in contacts]
    chance = random.Random(3)
    for wanted in [*([i] for i in known[:30]), *(chance.sample(known, 8) for _ in range(10)), ["nobody"]]:
        for limit, oldest_first in ((None, True), (5, False), (1, True)):
            answers = []
            for few in (40, 0):
                monkeypatch.setattr(searching, "_FEW_FILES", few)
                taken.clear()
                page = lake.search(*wanted, columns=["all"], limit=limit, oldest_first=oldest_first)
                answers.append((page.rows(), page.next))
                assert bool(taken) == (few > 0 and wanted != ["nobody"])
            assert answers[0] == answers[1]
            assert (wanted == ["nobody"]) == (answers[0][0] == [])


def test_rows_of_parquet_files(tmp_path):
    for name, columns in {"a": {"id": ["x", "y", None], "n": [1, 2, 3]}, "b": {"id": ["x", "z"]}}.items():
        pq.write_table(pa.table(columns), tmp_path / name, row_group_size=1)
    paths = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert parquet.rows_with(paths, "id", {"x", "z"}, ["n", "id"]) == [
        {"n": 1, "id": "x"}, {"n": None, "id": "x"}, {"n": None, "id": "z"},
    ]  # fmt: skip
    assert parquet.rows_with([*paths, str(tmp_path / "gone")], "id", {"x"}, ["n"]) is None
    (tmp_path / "torn").write_bytes((tmp_path / "a").read_bytes()[:-20])
    assert parquet.rows_with([str(tmp_path / "torn")], "id", {"x"}, ["n"]) is None


@pytest.mark.parametrize("ms", [0, 0.4, 1, 1.9, -0.4, -1, -1.9, 90_061_001.5])
def test_a_length_is_cut_to_milliseconds_as_in_sql(ms):
    us = int(ms * 1000)
    with duckdb.connect() as con:
        assert con.execute(f"SELECT {us} // 1000").fetchall() == [(searching._whole_ms(timedelta(microseconds=us)),)]


def test_contacts_are_found_on_the_day_they_moved_to(tmp_path):
    lake = contactlake.open(tmp_path / "lake", now=Clock())
    for version, day in enumerate(("2025-03-01", "2025-03-09")):
        record = contact(random.Random(1), 5, version) | {"InitiationTimestamp": f"{day}T10:00:00Z"}
        path = tmp_path / f"{version}.json"
        path.write_text(json.dumps(record))
        lake.ingest(path)
        (row,) = lake.search(record["ContactId"]).rows()
        assert row["initiation_timestamp"].date().isoformat() == day
    assert lake.search(start="2025-03-01", end="2025-03-08").rows() == []
    assert len(lake.search(start="2025-03-09", end="2025-03-09").rows()) == 1


def unreadable(plan):
    return replace(plan, readable=not plan.files)


def test_rows_that_only_an_iceberg_reader_sees_rightly_are_searched(centre, monkeypatch):
    """Delete files of another engine: the table is read through the Iceberg reader."""
    lake, contacts, analyses = centre
    plan = Store.plan
    monkeypatch.setattr(Store, "plan", lambda store, table: unreadable(plan(store, table)))
    wanted = expected(contacts, analyses, {"words": ["cancel"]}, True)
    assert [r["contact_id"] for r in lake.search(words="cancel", limit=None, oldest_first=True)] == wanted
    assert lake.contact(contacts[3]["ContactId"])["steps"]


def test_an_empty_lake_has_no_contacts(lake):
    assert lake.search().rows() == []
    assert lake.search("x", words="cancel").rows() == []


# what a user writes ---------------------------------------------------------------------------------------------------


def test_times_are_read_in_their_zone():
    london = ZoneInfo("Europe/London")
    assert moment("2025-07-01", london, False) == moment("2025-06-30T23:00:00Z", london, False)
    assert moment("2025-03-30", london, True) - moment("2025-03-30", london, False) == 23 * 3_600_000_000
    assert moment("2025-07-01T09:00", london, True) == moment("2025-07-01T08:00:00+00:00", ZoneInfo("UTC"), True)


@pytest.mark.parametrize(
    "text, ms", [("90", 90_000), ("1.5m", 90_000), ("2h", 7_200_000), ("250ms", 250), ("0.1s", 100)]
)
def test_lengths_of_time_are_exact(text, ms):
    assert milliseconds(text) == ms


@settings(max_examples=60)
@given(st.lists(st.sampled_from("ab 'é%.*()[]\\^$|?+{}_返の\t"), min_size=1, max_size=8).map("".join), st.data())
def test_the_pattern_of_a_word_finds_what_a_plain_look_finds(centre, word, data):
    import duckdb

    if not word.strip():
        return
    filler = st.text("ab 'é%.返_", max_size=5)
    text = data.draw(st.sampled_from([data.draw(filler) + word + data.draw(filler), data.draw(filler)]))
    (found,) = duckdb.execute("SELECT regexp_matches(?, ?)", [text, pattern(word)]).fetchall()[0]
    assert found == says(text, word)


@pytest.mark.parametrize(
    "wish",
    [
        {"start": "yesterday"},
        {"end": "2025-02-30"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"min_duration": "-5"},
        {"max_duration": "5 parsecs"},
        {"after": "nonsense"},
        {"after": "W10"},
        {"after": "é"},
        {"columns": ["no_such"]},
        {"limit": 0},
        {"words": "  "},
        {"sentiments": "angry"},
        {"queues": "\ud800"},
        {"queues": [3]},
        {"colour": "red"},
        {"queues": []},
        {"start": 5},
        {"min_sentiment": "sad"},
        {"max_sentiment": float("nan")},
        {"by": "mood"},
    ],
)
def test_a_wrong_question_is_told_in_a_sentence(centre, wish):
    with pytest.raises(UsageError):
        centre[0].search(**wish).rows()


def test_a_page_goes_on_in_its_own_order(centre):
    lake = centre[0]
    page = lake.search(limit=1)
    page.rows()
    with pytest.raises(UsageError, match="same order"):
        lake.search(after=page.next, oldest_first=True)


# the command ----------------------------------------------------------------------------------------------------------


def said(lake, *words, code=0, **options):
    result = CliRunner().invoke(main, ["search", *words, "--lake", str(lake.folder)], **options)
    assert result.exit_code == code, result.output
    return result


def test_every_format_says_the_same(centre):
    lake, contacts, _ = centre
    names = "contact_id,initiation_timestamp,duration_ms,queue_name,attributes"
    options = ("--queue", "O'Brien", "--queue", "100%", "--all", "--columns", names)
    page = json.loads(said(lake, *options, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(said(lake, *options, "--format", "csv").stdout)))
    assert page["next"] is None
    assert page["contacts"]
    assert [r["contact_id"] for r in rows] == [c["contact_id"] for c in page["contacts"]]
    by_id = {c["ContactId"]: c for c in contacts}
    for row, found in zip(rows, page["contacts"], strict=True):
        true = by_id[found["contact_id"]]
        assert found["attributes"] == true["Attributes"] == json.loads(row["attributes"])
        assert found["initiation_timestamp"] == true["InitiationTimestamp"] == row["initiation_timestamp"]
    assert page["contacts"][0]["contact_id"][:8] in said(lake, *options).stdout


def test_pages_of_the_command_follow_each_other(centre):
    lake, contacts, _ = centre
    found, after = [], ()
    while True:
        result = said(lake, "--limit", "7", *after, "--format", "json")
        page = json.loads(result.stdout)
        found += [c["contact_id"] for c in page["contacts"]]
        if page["next"] is None:
            break
        after = ("--after", page["next"])
    assert sorted(found) == sorted(c["ContactId"] for c in contacts)
    assert re.search(r"--after \w+", said(lake, "--limit", "7").stderr)


def test_ids_come_from_a_file_or_standard_input(centre, tmp_path):
    lake, contacts, _ = centre
    ids = [c["ContactId"] for c in contacts[:3]]
    found = json.loads(said(lake, ids[0], "--ids-from", "-", "--format", "json", input="\n".join(ids[1:])).stdout)
    assert sorted(c["contact_id"] for c in found["contacts"]) == sorted(ids)
    said(lake, "--ids-from", "-", input="\n", code=2)
    said(lake, "--after", "x", code=2)


def test_local_times_have_their_offset(centre):
    lake, _, _ = centre
    options = ("--limit", "1", "--oldest-first", "--from", "2025-03-31", "--time-zone", "Europe/Berlin")
    page = json.loads(said(lake, *options, "--format", "json").stdout)
    assert page["contacts"][0]["initiation_timestamp"].endswith("+02:00")


def test_a_long_search_says_how_it_goes_on(centre):
    lake, contacts, _ = centre
    told = []
    import contactlake.searching as searching

    before = searching._FIRST_ROWS
    searching._FIRST_ROWS = 1
    try:
        rows = lake.search(limit=None, told=lambda *counts: told.append(counts)).rows()
    finally:
        searching._FIRST_ROWS = before
    assert len(rows) == len(contacts)
    assert len(told) > 1
    assert all(0 < done < days for done, days, _ in told)
