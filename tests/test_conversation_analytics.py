"""contact_lens_conversational_analytics: of each contact one row, from its analyses and its record, in any order."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import contactlake
from contactlake.tables._analysis_views import ANALYSIS_VIEWS
from contactlake.tables._conversation_analytics import LENS_SOURCES
from contactlake.tables._derived_columns import unfilled
from contactlake.tables.contact_lens_conversational_analytics import CONTACT_LENS_CONVERSATIONAL_ANALYTICS as LENS
from tests.conversations import ARN, INSTANCE, Delivered, analysis, filled, instant, lake_of, record, take
from tests.lakes import centre, files
from tests.simulated import documents

TABLE = LENS.name


# columns --------------------------------------------------------------------------------------------------------------


def period(begin: int, end: int, score: float | None = None) -> dict:
    return {"BeginOffsetMillis": begin, "EndOffsetMillis": end, **({} if score is None else {"Score": score})}


VOICE = {
    "TotalConversationDurationMillis": 60_000,
    "TalkTime": {
        "TotalTimeMillis": 41_000,
        "DetailsByParticipant": {"AGENT": {"TotalTimeMillis": 21_000}, "CUSTOMER": {"TotalTimeMillis": 20_000}},
    },
    "NonTalkTime": {"TotalTimeMillis": 19_000, "Instances": []},
    "TalkSpeed": {
        "DetailsByParticipant": {"AGENT": {"AverageWordsPerMinute": 150}, "CUSTOMER": {"AverageWordsPerMinute": 120.5}}
    },
    "Interruptions": {
        "TotalCount": 3,
        "TotalTimeMillis": 1_700,
        "InterruptionsByInterrupter": {
            "AGENT": [
                {**period(1_000, 1_500), "DurationMillis": 500},
                {**period(2_000, 3_000), "DurationMillis": 1_000},
            ],
            "CUSTOMER": [period(9_000, 9_200)],
        },
    },
    "Sentiment": {
        "OverallSentiment": {"AGENT": 0.5, "CUSTOMER": -2},
        "SentimentByPeriod": {
            "QUARTER": {
                "AGENT": [period(0, 15_000, 1), period(45_000, 60_000, 4), period(15_000, 45_000, 2)],
                "CUSTOMER": [period(0, 15_000, -5), period(15_000, 60_000, 0)],
            }
        },
    },
}

CHAT = {
    "ResponseTime": {
        "AgentGreetingTimeMillis": 2_511,
        "DetailsByParticipantRole": {
            "AGENT": {"Average": {"ValueMillis": 5_575}, "Maximum": {"ValueMillis": 7_309}},
            "CUSTOMER": {"Average": {"ValueMillis": 5_875}, "Maximum": {"ValueMillis": 11_366}},
        },
    },
    "Sentiment": {
        "OverallSentiment": {
            "DetailsByParticipantRole": {"AGENT": 1.25, "CUSTOMER": -0.5},
            "DetailsByInteraction": {
                "DetailsByParticipantRole": {"CUSTOMER": {"WithAgent": 0.25, "WithoutAgent": -1.75}}
            },
        },
        "SentimentShift": {
            "DetailsByParticipantRole": {
                "AGENT": {"BeginScore": 0, "EndScore": 2.5},
                "CUSTOMER": {"BeginScore": -3, "EndScore": 3.75},
            }
        },
    },
}

OF_VOICE = {
    "total_conversation_duration_ms": 60_000,
    "talk_time_total_ms": 41_000,
    "talk_time_agent_ms": 21_000,
    "talk_time_customer_ms": 20_000,
    "non_talk_time_total_ms": 19_000,
    "talk_speed_agent_wpm": 150.0,
    "talk_speed_customer_wpm": 120.5,
    "interruptions_time_total_ms": 1_700,
    "interruptions_time_agent_ms": 1_500,
    "interruptions_time_customer_ms": 200,
    "interruptions_total_count": 3,
    "interruptions_agent_count": 2,
    "interruptions_customer_count": 1,
    "sentiment_overall_score_agent": 0.5,
    "sentiment_overall_score_customer": -2.0,
    "sentiment_end_score_agent": 4.0,
    "sentiment_end_score_customer": 0.0,
}
OF_CHAT = {
    "greeting_time_agent_ms": 2_511,
    "response_time_average_agent_ms": 5_575,
    "response_time_average_customer_ms": 5_875,
    "response_time_maximum_agent_ms": 7_309,
    "response_time_maximum_customer_ms": 11_366,
    "sentiment_overall_score_agent": 1.25,
    "sentiment_overall_score_customer": -0.5,
    "sentiment_interaction_score_customer_with_agent": 0.25,
    "sentiment_interaction_score_customer_without_agent": -1.75,
    "sentiment_end_score_agent": 2.5,
    "sentiment_end_score_customer": 3.75,
}


INTERRUPTIONS = (
    ({"TotalCount": 0, "TotalTimeMillis": 0, "InterruptionsByInterrupter": {}}, (0, 0), (0, 0)),
    ({"InterruptionsByInterrupter": {"AGENT": [{"DurationMillis": 7}]}}, (7, 0), (1, 0)),
    ({"InterruptionsByInterrupter": {"AGENT": [], "CUSTOMER": [{}]}}, (0, None), (0, 1)),
    ({"TotalCount": 2, "TotalTimeMillis": 9}, (None, None), (None, None)),
    ({}, (None, None), (None, None)),
)
SETTINGS = {"Configuration": {"Enabled": True, "LanguageLocale": "de-DE"}}
RESULTS = {
    "SentimentScore": {"Agent": [1, 2, 6], "Customer": [{"Score": -5}, {"Score": 0}]},
    "Categories": ["Refund", "Escalation"],
    "Issues": ["Parcel is late", {"Text": "No answer"}],
    "OutcomeCodes": ["RESOLVED"],
    "ActionItems": [{"Text": "Send a form"}],
    "ConversationalCharacteristics": {k: v for k, v in VOICE.items() if k != "Sentiment"},
}
ODD = {
    "SentimentScore": "good",
    "Categories": {"MatchedCategories": ["Refund"]},
    "Issues": "late",
    "ActionItems": [],
    "ConversationalCharacteristics": {"TalkTime": {"TotalTimeMillis": 1.5}, "NonTalkTime": [1]},
}
EARLY, LATER = analysis("twice", "2025-03-05T08:30:00Z", score=1), analysis("twice", "2025-03-05T09:30:00Z", score=2)
BARE = {"CustomerMetadata": None}
ELSEWHERE = {"CustomerMetadata": {"ContactId": "two", "InstanceId": "other"}}

ISSUE = {"CharacterOffsets": {"BeginOffsetChar": 3, "EndOffsetChar": 7}}
SPOKEN = {
    "Categories": {
        "MatchedCategories": ["a/b~c"],
        "MatchedDetails": {"a/b~c": {"PointsOfInterest": [{"BeginOffsetMillis": 5, "EndOffsetMillis": 9}]}},
    },
    "Transcript": [
        {"Id": "t-1", "ParticipantId": "AGENT", "Content": "Hello", "BeginOffsetMillis": 0, "EndOffsetMillis": 90},
        {
            "Id": "t-2",
            "ParticipantId": "X",
            "Content": "My bill is wrong",
            "Sentiment": "NEGATIVE",
            "IssuesDetected": [ISSUE, {"Text": "as said"}],
            "ActionItemsDetected": [],
        },
    ],
}
MENTIONED = [{"TranscriptItems": [{"Id": "m-1", **ISSUE}, {"Id": "gone", **ISSUE}]}]
WRITTEN = {
    "Channel": "CHAT",
    "Participants": [{"ParticipantId": "p-1", "ParticipantRole": "Customer", "DisplayName": "John"}],
    "Categories": {
        "MatchedCategories": ["Refund", "Refund"],
        "MatchedDetails": {"Refund": {"PointsOfInterest": [{"TranscriptItems": [{"Id": "m-1"}]}]}},
    },
    "ConversationCharacteristics": {
        "ContactSummary": {
            "PostContactSummary": {"Content": "All is well."},
            "SummaryItemsDetected": [{"OutcomesDetected": MENTIONED, "IssuesDetected": []}],
        }
    },
    "Transcript": [
        {"Id": "m-1", "ParticipantId": "p-1", "Content": "No, fine, thanks", "AbsoluteTime": "2025-03-03T10:00:00.5Z"}
    ],
}

DELIVERED = [
    *(analysis("spoken", **SPOKEN), analysis("written", **WRITTEN)),
    analysis("call", ConversationCharacteristics=VOICE),
    record("call"),
    analysis("chat", Channel="CHAT", Categories={"MatchedCategories": []}, ConversationCharacteristics=CHAT),
    *(
        analysis(f"cuts-{n}", ConversationCharacteristics={"Interruptions": given})
        for n, (given, _, _) in enumerate(INTERRUPTIONS)
    ),
    analysis("hidden", "2025-03-06T09:30:00Z", redacted=True, score=3),
    analysis("hidden-later", "2025-03-06T09:30:00Z", redacted=True, score=3),
    analysis("hidden-later", score=1),
    *(LATER, EARLY, analysis("twice", "2025-03-07T09:30:00Z", redacted=True, score=3)),
    *(analysis("bare-known", **BARE), record("bare-known")),
    *(analysis("bare-named", **BARE), analysis("bare-named", "2025-03-04T00:00:00Z", score=5)),
    *(analysis("two"), analysis("two", "2025-03-09T00:00:00Z", score=2, **ELSEWHERE), record("two")),
    record("carries", ContactLens={"ConversationalAnalytics": SETTINGS, **RESULTS}),
    record("carries-below", ContactLens={"ConversationalAnalytics": {**SETTINGS, **RESULTS}}),
    record("settings-only", ContactLens={"ConversationalAnalytics": SETTINGS, "Issues": None}),
    *(record("both", ContactLens=RESULTS), analysis("both", score=5)),
    record("odd", ContactLens=ODD),
    record("odd-list", ContactLens={"SentimentScore": [3, None]}),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> contactlake.Lake:
    """A lake that took everything at once."""
    return lake_of(tmp_path_factory.mktemp("all"), DELIVERED)


@pytest.fixture(scope="module")
def by_contact(lake: contactlake.Lake) -> dict[str, dict]:
    """The rows by contact (of the two of one contact, the last)."""
    return {row["contact_id"]: row for row in filled(lake, TABLE)}


def test_a_call_with_its_record(by_contact: dict[str, dict]):
    row = dict(by_contact["call"])
    assert instant(row.pop("disconnect_timestamp")) == "2025-03-03T00:10:00.000Z"
    assert row == {
        "aws_account_id": "444455556666",
        "version": "1.1.0",
        "instance_id": INSTANCE,
        "instance_arn": ARN,
        "contact_id": "call",
        "channel": "VOICE",
        "language_locale": "en-GB",
        "categories": ["Complaint"],
        **OF_VOICE,
    }


def test_a_chat_without_a_record(by_contact: dict[str, dict]):
    row = dict(by_contact["chat"])
    assert instant(row.pop("disconnect_timestamp")) == "2025-03-05T08:30:00.000Z"
    assert row == {
        "aws_account_id": "444455556666",
        "version": "1.1.0",
        "instance_id": INSTANCE,
        "contact_id": "chat",
        "channel": "CHAT",
        "language_locale": "en-GB",
        "categories": [],
        **OF_CHAT,
    }


def test_every_column_has_a_source_or_is_null(by_contact: dict[str, dict]):
    seen = {name for row in by_contact.values() for name in row}
    assert {c.name for c in LENS.columns} - {LENS.processed_at} - seen == {"feature"}
    assert unfilled(LENS, LENS_SOURCES) == ["feature"]


@pytest.mark.parametrize("number", range(len(INTERRUPTIONS)))
def test_interruptions_by_party(by_contact: dict[str, dict], number: int):
    row, (_, times, counts) = by_contact[f"cuts-{number}"], INTERRUPTIONS[number]
    assert tuple(row.get(f"interruptions_time_{who}_ms") for who in ("agent", "customer")) == times
    assert tuple(row.get(f"interruptions_{who}_count") for who in ("agent", "customer")) == counts


# which analysis counts ------------------------------------------------------------------------------------------------


def test_the_original_wins_over_its_redacted_twin_and_the_later_over_the_earlier(by_contact: dict[str, dict]):
    scores = [by_contact[c]["sentiment_overall_score_agent"] for c in ("hidden", "hidden-later", "twice")]
    assert scores == [3, 1, 2]


def test_an_analysis_that_does_not_name_its_instance(by_contact: dict[str, dict]):
    assert {by_contact[c]["instance_id"] for c in ("bare-known", "bare-named")} == {INSTANCE}
    assert by_contact["bare-known"]["instance_arn"] == ARN
    assert by_contact["bare-named"]["sentiment_overall_score_agent"] == 1.5


def test_two_instances_are_told_apart(lake: contactlake.Lake):
    rows = [row for row in filled(lake, TABLE) if row["contact_id"] == "two"]
    found = {row["instance_id"]: row["sentiment_overall_score_agent"] for row in rows}
    assert found == {INSTANCE: 1.5, "other": 2}
    assert len(rows) == 2


def test_what_comes_later_replaces_the_row_and_moves_it(tmp_path: Path):
    """An analysis before its contact; the contact running, ended, corrected; analyses made again, and an older one."""
    untimed = [analysis("untimed", None, score=score) for score in (1, 2)]
    lake = lake_of(tmp_path, [analysis("c-1", score=1, **BARE), untimed[0], record("c-2"), analysis("c-2")])
    at_last = "2025-03-04T07:00:00.000Z"
    steps = (
        ([record("c-1", "2025-03-03T00:05:00Z", DisconnectTimestamp=None)], "2025-03-05T08:30:00.000Z", 1, 1),
        ([record("c-1"), untimed[1]], "2025-03-03T00:10:00.000Z", 1, 2),
        ([record("c-1", "2025-03-09T00:00:00Z", DisconnectTimestamp="2025-03-04T07:00:00Z")], at_last, 1, 2),
        ([analysis("c-1", "2025-03-06T00:00:00Z", score=4), untimed[0]], at_last, 4, 2),
        ([analysis("c-1", "2025-03-04T00:00:00Z", score=3)], at_last, 4, 2),
    )
    first = {row["contact_id"]: row for row in filled(lake, TABLE)}
    assert instant(first["c-1"]["disconnect_timestamp"]) == "2025-03-05T08:30:00.000Z"
    assert "instance_id" not in first["c-1"]
    for number, (part, ended, score, other) in enumerate(steps):
        before = files(lake)
        take(lake, tmp_path / f"step-{number}", part)
        found = {row["contact_id"]: row for row in filled(lake, TABLE)}
        assert instant(found["c-1"]["disconnect_timestamp"]) == ended
        assert found["c-1"]["sentiment_overall_score_agent"] == score
        assert found["untimed"]["sentiment_overall_score_agent"] == other
        assert found["c-1"]["instance_id"] == INSTANCE
        assert found["c-2"] == first["c-2"]
    left = {path for path in files(lake).items() ^ before.items() if f"/{TABLE}/" in path[0] and "/data/" in path[0]}
    assert left == set()


# what a record carries ------------------------------------------------------------------------------------------------

OF_RECORD = {
    "instance_id": INSTANCE,
    "instance_arn": ARN,
    "aws_account_id": "111122223333",
    "channel": "VOICE",
    "language_locale": "de-DE",
    "categories": ["Refund", "Escalation"],
    **{name: value for name, value in OF_VOICE.items() if "sentiment" not in name},
    "sentiment_overall_score_agent": 3.0,
    "sentiment_overall_score_customer": -2.5,
}


@pytest.mark.parametrize("contact", ["carries", "carries-below"])
def test_a_record_that_carries_results_makes_the_row(by_contact: dict[str, dict], contact: str):
    row = dict(by_contact[contact])
    assert instant(row.pop("disconnect_timestamp")) == "2025-03-03T00:10:00.000Z"
    assert row == {"contact_id": contact, **OF_RECORD}


def test_a_record_with_settings_only_makes_none(lake: contactlake.Lake, by_contact: dict[str, dict]):
    assert "settings-only" not in by_contact
    kept = {row["contact_id"] for row in filled(lake, "contact_record_analysis")}
    assert kept == {"carries", "carries-below", "both", "odd", "odd-list"}


def test_a_file_wins_over_the_record_column_by_column(by_contact: dict[str, dict]):
    row = by_contact["both"]
    assert row["categories"] == ["Complaint"]
    assert row["sentiment_overall_score_agent"] == 5
    assert row["talk_time_total_ms"] == 41_000


def test_results_in_another_shape_are_kept_and_break_nothing(lake: contactlake.Lake, by_contact: dict[str, dict]):
    assert by_contact["odd"]["categories"] == ["Refund"]
    assert "talk_time_total_ms" not in by_contact["odd"]
    assert by_contact["odd-list"].keys().isdisjoint({"categories", "sentiment_overall_score_agent"})
    (kept,) = [row for row in filled(lake, "contact_record_analysis") if row["contact_id"] == "odd"]
    assert (kept["sentiment_score"], kept["issues"]) == ("good", "late")


def test_results_come_and_go_with_the_newest_record(tmp_path: Path):
    carrying = record("c-1", "2025-03-03T12:00:00Z", ContactLens=RESULTS)
    newer = record("c-1", "2025-03-03T13:00:00Z")
    newest = record("c-1", "2025-03-03T14:00:00Z", ContactLens={"Categories": ["Refund"]})
    steps = ([carrying], [record("c-1", "2025-03-03T00:00:00Z")], [newer], [newest])
    wanted = (["Refund", "Escalation"], ["Refund", "Escalation"], None, ["Refund"])
    lake = lake_of(tmp_path)
    for number, (part, categories) in enumerate(zip(steps, wanted, strict=True)):
        summary = take(lake, tmp_path / f"in-{number}", part)
        assert (summary.records, summary.stored) == (1, 1)
        assert [row["categories"] for row in filled(lake, TABLE)] == ([categories] if categories else [])
    at_once = lake_of(tmp_path / "at-once", [newest, newer, carrying, newer])
    assert filled(at_once, TABLE) == filled(lake, TABLE)
    assert filled(at_once, "contact_record_analysis") == filled(lake, "contact_record_analysis")


def test_results_stay_with_their_records_in_one_file_and_after_quarantine(tmp_path: Path):
    """Records of two days in turn, with and without results; some are refused at first, as they are too large."""
    told = {f"c-{n}": [f"Category {n}"] for n in (0, 1, 3, 6)}
    mixed = []
    for n in range(8):
        began = f"2025-03-0{2 - n % 2}T10:00:00Z"
        carried = {"Categories": told.get(f"c-{n}"), "Issues": None, "ActionItems": "x" * 900 if n in (3, 6) else None}
        mixed.append(record(f"c-{n}", InitiationTimestamp=began, ContactLens=carried)[1])
    strict = contactlake.open(tmp_path / "lake", max_record_bytes=1000, workers=1)
    assert take(strict, tmp_path / "in", [("mixed", mixed)]).quarantined == 2
    assert {row["contact_id"] for row in filled(strict, TABLE)} == {"c-0", "c-1"}
    lake = contactlake.open(tmp_path / "lake", workers=1)
    lake.retry_quarantine()
    found = {row["contact_id"]: row for row in filled(lake, "contact_record_analysis")}
    assert {contact: json.loads(row["categories"]) for contact, row in found.items()} == told
    assert {contact: f"{row['initiation_timestamp']:%d}" for contact, row in found.items()} == {
        contact: f"0{2 - int(contact[2:]) % 2}" for contact in told
    }
    assert {row["contact_id"]: row["categories"] for row in filled(lake, TABLE)} == told


def test_a_record_of_another_instance_gives_the_time_and_nothing_else(tmp_path: Path):
    elsewhere = record("c-1", ContactLens=RESULTS)
    told = {"CustomerMetadata": {"ContactId": "c-1", "InstanceId": "other"}, "AccountId": None}
    lake = lake_of(tmp_path, [elsewhere, analysis("c-1", **told)])
    own, other = sorted(filled(lake, TABLE), key=lambda row: row["instance_id"])
    assert (own["instance_id"], own["categories"]) == (INSTANCE, ["Refund", "Escalation"])
    assert instant(other["disconnect_timestamp"]) == "2025-03-03T00:10:00.000Z"
    assert other.keys().isdisjoint({"instance_arn", "aws_account_id", "talk_time_total_ms"})


# views ----------------------------------------------------------------------------------------------------------------


def test_what_records_tell_is_in_the_views_where_no_file_tells_it(lake: contactlake.Lake):
    by = "WHERE told_by = 'record' AND contact_id IN ('carries', 'both', 'odd') ORDER BY ALL"
    found = lake.query(f"SELECT contact_id, kind, text FROM contact_finding {by}").rows()
    assert [tuple(row.values()) for row in found] == [
        ("carries", "ACTION_ITEM", "Send a form"),
        ("carries", "ISSUE", "No answer"),
        ("carries", "ISSUE", "Parcel is late"),
        ("carries", "OUTCOME", "RESOLVED"),
        ("odd", "ISSUE", "late"),
    ]
    found = lake.query(f"SELECT contact_id, category FROM contact_category {by}").rows()
    assert [tuple(row.values()) for row in found] == [
        ("carries", "Escalation"),
        ("carries", "Refund"),
        ("odd", "Refund"),
    ]


def answers(lake: contactlake.Lake, sql: str) -> list[tuple]:
    return [tuple(row.values()) for row in lake.query(sql).rows()]


def test_turns_categories_findings_and_summaries_laid_flat(lake: contactlake.Lake):
    where = "WHERE contact_id IN ('spoken', 'written') ORDER BY ALL"
    turns = "contact_id, turn, turn_id, participant_role, display_name, content, begin_offset_ms, sentiment"
    assert answers(lake, f"SELECT {turns} FROM contact_turn {where}") == [
        ("spoken", 1, "t-1", "AGENT", None, "Hello", 0, None),
        ("spoken", 2, "t-2", None, None, "My bill is wrong", None, "NEGATIVE"),
        ("written", 1, "m-1", "CUSTOMER", "John", "No, fine, thanks", None, None),
    ]
    assert answers(lake, f"SELECT contact_id, category, points_of_interest FROM contact_category {where}") == [
        ("spoken", "a/b~c", [{"begin_offset_ms": 5, "end_offset_ms": 9, "turn_ids": []}]),
        ("written", "Refund", [{"begin_offset_ms": None, "end_offset_ms": None, "turn_ids": ["m-1"]}]),
    ]
    assert answers(lake, f"SELECT contact_id, kind, text, turn, turn_id FROM contact_finding {where}") == [
        ("spoken", "ISSUE", "as said", 2, "t-2"),
        ("spoken", "ISSUE", "bill", 2, "t-2"),
        ("written", "OUTCOME", " fin", 1, "m-1"),
        ("written", "OUTCOME", None, None, "gone"),
    ]
    assert answers(lake, f"SELECT contact_id, summary FROM contact_summary {where}") == [("written", "All is well.")]


def test_views_over_a_lake_without_analyses(tmp_path: Path):
    empty = lake_of(tmp_path, [record("c-1")])
    for name, _ in ANALYSIS_VIEWS:
        assert empty.query(f"SELECT * FROM {name}").rows() == []


# any order ------------------------------------------------------------------------------------------------------------

CONTACTS = ("c-1", "c-2", "c-3")
TIMES = ("2025-03-05T08:30:00Z", "2025-03-05T09:30:00Z", "2025-03-07T00:00:00Z")


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivered]:
    """Analyses, redacted twins, analyses made again, records with and without results, of few contacts."""
    made: list[Delivered] = []
    for contact in CONTACTS:
        for time in draw(st.sets(st.sampled_from(TIMES))):
            for redacted in draw(st.sets(st.booleans())):
                bare = {"CustomerMetadata": None} if draw(st.booleans()) else {}
                score = draw(st.integers(-5, 5))
                made.append(analysis(contact, time, redacted, score, **bare))
        for hour in draw(st.sets(st.integers(1, 3))):
            ended = draw(st.sampled_from([None, "2025-03-03T00:10:00Z", "2025-03-04T00:10:00Z"]))
            carried = draw(st.sampled_from([None, RESULTS, {"Categories": ["Refund"]}]))
            more = {"DisconnectTimestamp": ended, "ContactLens": carried}
            made.append(record(contact, f"2025-03-04T0{hour}:00:00Z", **more))
    return made


@given(deliveries(), st.data())
@settings(max_examples=2, phases=[Phase.generate])
def test_order_pieces_and_repetition_do_not_matter(made: list[Delivered], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(made), max_size=2)) if made else []
    shuffled = data.draw(st.permutations([*made, *again]))
    cut = data.draw(st.integers(0, len(shuffled)))
    with tempfile.TemporaryDirectory() as folder:
        pieces = lake_of(Path(folder, "pieces"), *(part for part in (shuffled[:cut], shuffled[cut:]) if part))
        whole = lake_of(Path(folder, "whole"), *([made] if made else []))
        for table in (TABLE, "contact_record_analysis"):
            assert filled(pieces, table) == filled(whole, table)
        analysed = {document["ContactId"] for _, document in made if document.get("ContactLens")}
        with_file = {name.rsplit("/", 1)[1][:3] for name, _ in made if "_analysis" in name}
        contacts = [row["contact_id"] for row in filled(whole, TABLE)]
        assert len(contacts) == len(set(contacts))
        assert with_file <= set(contacts) <= with_file | analysed
        before = files(pieces)
        pieces.build()
        assert {p for p in files(pieces).items() ^ before.items() if p[0].endswith(".parquet")} == set()


# simulated ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, contactlake.Lake]:
    folder = tmp_path_factory.mktemp("simulated")
    source = centre(folder / "raw", 3, agents=8, days=1)
    lake = contactlake.open(folder / "lake")
    lake.ingest(*(path for path in sorted(source.iterdir()) if path.name not in ("truth", "agent-events")))
    return source, lake


def test_every_simulated_analysis_has_the_day_of_its_contact(simulated: tuple[Path, contactlake.Lake]):
    source, lake = simulated
    ended: dict[str, str] = {}
    for document in documents(source / "contact-records"):
        if document["DisconnectTimestamp"]:
            ended[document["ContactId"]] = document["DisconnectTimestamp"]
    analysed = {d["CustomerMetadata"]["ContactId"]: d for d in documents(source / "analysis")}
    found = lake.query(f"SELECT * FROM {TABLE}").rows()
    assert len(analysed) > 20
    assert {row["contact_id"]: instant(row["disconnect_timestamp"])[:19] for row in found} == {
        contact: ended[contact][:19] for contact in analysed
    }
    assert all(row["instance_arn"].endswith(row["instance_id"]) for row in found)


def test_every_simulated_turn_and_category_is_there(simulated: tuple[Path, contactlake.Lake]):
    source, lake = simulated
    turns, categories, findings = set(), set(), []
    for path in sorted((source / "analysis").rglob("*_analysis_2*.json")):
        for document in documents_of(path):
            contact = document["CustomerMetadata"]["ContactId"]
            turns |= {(contact, n, t["Id"], t["Content"]) for n, t in enumerate(document["Transcript"], 1)}
            categories |= {(contact, name) for name in document["Categories"]["MatchedCategories"]}
            marked = [k for t in document["Transcript"] for k in t if k.endswith("Detected")]
            summary = document["ConversationCharacteristics"]["ContactSummary"].get("SummaryItemsDetected", [])
            listed = [k for items in summary for k, found in items.items() for _ in found]
            findings += [(contact, kind) for kind in marked + listed]
    found = lake.query("SELECT contact_id, turn, turn_id, content FROM contact_turn").rows()
    assert {tuple(row.values()) for row in found} == turns
    assert {
        tuple(r.values()) for r in lake.query("SELECT contact_id, category FROM contact_category").rows()
    } == categories
    names = {"ISSUE": "IssuesDetected", "OUTCOME": "OutcomesDetected", "ACTION_ITEM": "ActionItemsDetected"}
    rows = lake.query("SELECT contact_id, kind, text FROM contact_finding").rows()
    assert sorted((r["contact_id"], names[r["kind"]]) for r in rows) == sorted(findings)
    assert all(row["text"] for row in rows)


def documents_of(path: Path) -> list[dict]:
    return [json.loads(path.read_text(encoding="utf-8"))]
