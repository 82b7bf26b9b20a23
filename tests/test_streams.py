"""Contact events, flow logs, analyses and evaluations: recognised, keyed, typed, wrapped; and all that is simulated."""

import base64
import gzip
import itertools
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import contactlake
from contactlake.decode.beside import Origin
from contactlake.decode.decoder import Decoded, Decoder
from contactlake.pipeline import BY_NAME, STREAMS
from contactlake.streams.contact_record import CONTACT_RECORDS
from contactlake.testing import simulate

INSTANCE = "11112222-3333-4444-5555-666677778888"
ARN = f"arn:aws:connect:eu-west-2:000011112222:instance/{INSTANCE}"
CONTACT = "aaaabbbb-cccc-dddd-eeee-ffff00001111"
LANDED = 1_767_225_600_000_000  # 2026-01-01

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "e0e0e0e0-1111-2222-3333-444455556666",
    "detail-type": "Amazon Connect Contact Event",
    "source": "aws.connect",
    "account": "000011112222",
    "time": "2025-03-03T10:00:05Z",
    "region": "eu-west-2",
    "resources": [ARN, f"{ARN}/contact/{CONTACT}"],
    "detail": {
        "eventType": "CONNECTED_TO_AGENT",
        "contactId": CONTACT,
        "channel": "VOICE",
        "instanceArn": ARN,
        "initiationMethod": "INBOUND",
        "initiationTimestamp": "2025-03-03T09:59:00.000Z",
        "queueInfo": {
            "queueArn": f"{ARN}/queue/q-1", "queueType": "STANDARD", "enqueueTimestamp": "2025-03-03T09:59:30.000Z",
        },
        "agentInfo": {
            "agentArn": f"{ARN}/agent/a-1", "connectedToAgentTimestamp": "2025-03-03T10:00:04.500Z",
            "agentInitiatedHoldDuration": 7,
        },
        "segmentAttributes": {"connect:Subtype": {"ValueString": "connect:Telephony"}},
    },
}  # fmt: skip

LOG: dict[str, Any] = {
    "ContactId": CONTACT,
    "ContactFlowId": f"{ARN}/contact-flow/f-1",
    "ContactFlowName": "Main line",
    "ContactFlowModuleType": "SetQueue",
    "Identifier": "block-7",
    "Timestamp": "2025-03-03T09:59:29.250Z",
    "Parameters": {"Queue": f"{ARN}/queue/q-1"},
}

ANALYSIS: dict[str, Any] = {
    "Version": "1.1.0",
    "AccountId": "000011112222",
    "Channel": "VOICE",
    "ContentMetadata": {"Output": "Raw"},
    "JobStatus": "COMPLETED",
    "LanguageCode": "en-GB",
    "CustomerMetadata": {"ContactId": CONTACT, "InstanceId": INSTANCE, "InputS3Uri": "s3://bucket/key.wav"},
    "Participants": [{"ParticipantId": "A", "ParticipantRole": "AGENT"}],
    "Categories": {"MatchedCategories": ["Refund"], "MatchedDetails": {"Refund": {"PointsOfInterest": []}}},
    "ConversationCharacteristics": {
        "TotalConversationDurationMillis": 61000,
        "TalkTime": {"TotalTimeMillis": 50000, "DetailsByParticipant": {"AGENT": {"TotalTimeMillis": 30000}}},
        "TalkSpeed": {"DetailsByParticipant": {"AGENT": {"AverageWordsPerMinute": 150.5}}},
        "Interruptions": {
            "InterruptionsByInterrupter": {
                "AGENT": [{"BeginOffsetMillis": 10, "DurationMillis": 20, "EndOffsetMillis": 30}]
            },
            "TotalCount": 1, "TotalTimeMillis": 20,
        },
        "Sentiment": {
            "OverallSentiment": {"AGENT": 1.5, "CUSTOMER": -2},
            "SentimentByPeriod": {
                "QUARTER": {"CUSTOMER": [{"BeginOffsetMillis": 0, "EndOffsetMillis": 15000, "Score": -5}]}
            },
        },
        "NewMeasure": {"Of": "next year"},
    },
    "Transcript": [
        {
            "Id": "t-1", "ParticipantId": "A", "Content": "Hello.", "BeginOffsetMillis": 0, "EndOffsetMillis": 900,
            "Sentiment": "NEUTRAL", "LoudnessScore": [60.5, None],
            "IssuesDetected": [{"CharacterOffsets": {"BeginOffsetChar": 0, "EndOffsetChar": 6}, "Text": "Hello."}],
        }
    ],
}  # fmt: skip

EVALUATION: dict[str, Any] = {
    "schemaVersion": "3.1",
    "evaluationId": "ev-1",
    "metadata": {
        "contactId": CONTACT, "accountId": "000011112222", "instanceId": INSTANCE, "agentId": "a-1",
        "evaluationDefinitionTitle": "Courtesy", "evaluator": "lead.1", "evaluationDefinitionId": "form-1",
        "evaluationDefinitionVersion": 2, "evaluationStartTimestamp": "2025-03-03T11:00:00.000Z",
        "evaluationSubmitTimestamp": "2025-03-03T11:02:00.500Z", "score": {"percentage": 87.5},
    },
    "sections": [{"sectionRefId": "s1", "sectionTitle": "All", "notes": "", "score": {"percentage": 87.5}}],
    "questions": [
        {
            "questionRefId": "q1", "sectionRefId": "s1", "questionType": "SINGLESELECT", "questionText": "Polite?",
            "answer": {
                "values": [{"valueText": "Yes", "valueRefId": "o1", "selected": True}],
                "metadata": {"notApplicable": False},
            },
            "score": {"automaticFail": True},
        }
    ],
}  # fmt: skip

SAMPLES = {
    "contact-events": EVENT,
    "flow-logs": LOG,
    "contact-analysis": ANALYSIS,
    "contact-evaluations": EVALUATION,
}
NAME = f"Analysis/Voice/2025/03/03/{CONTACT}_analysis_2025-03-03T10_05_06Z.json"


def decode(*documents: object, source: str = "-", landed: int = LANDED) -> Decoded:
    """The one batch that these documents make."""
    raw = b"\n".join(d if isinstance(d, bytes) else json.dumps(d).encode() for d in documents)
    whole = Decoded()
    for part in Decoder(STREAMS, BY_NAME, 1 << 20).decode([raw], 0, Origin(source, landed)):
        whole.rows += part.rows
        whole.quarantined += part.quarantined
    return whole


def row(document: object, **origin: Any) -> dict[str, Any]:
    decoded = decode(document, **origin)
    assert decoded.quarantined == []
    (rows,) = decoded.rows
    (found,) = rows.rows.to_pylist()
    return found


def versions(*documents: object, **origin: Any) -> list[dict[str, Any]]:
    return [v for rows in decode(*documents, **origin).rows for v in rows.versions.to_pylist()]


def keys(found: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(v["key_hi"], v["key_lo"]) for v in found]


def contents(found: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(v["content_hi"], v["content_lo"]) for v in found]


def reasons(decoded: Decoded) -> list[tuple[str | None, str]]:
    return [(q.stream, q.reason) for q in decoded.quarantined]


def without(document: dict[str, Any], *path: str) -> dict[str, Any]:
    copy = json.loads(json.dumps(document))
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return copy


def spelled(document: Any, how: Any) -> Any:
    """The document with its keys spelled another way, at every depth."""
    if isinstance(document, dict):
        return {how(key): spelled(value, how) for key, value in document.items()}
    return [spelled(v, how) for v in document] if isinstance(document, list) else document


# recognised -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", SAMPLES)
def test_a_record_is_told_from_its_keys(stream: str):
    decoded = decode(SAMPLES[stream])
    assert decoded.quarantined == []
    assert [rows.stream for rows in decoded.rows] == [stream]


@pytest.mark.parametrize("stream", SAMPLES)
def test_keys_of_a_record_belong_to_one_stream_only(stream: str):
    assert [s.name for s in STREAMS if s.recognises(set(SAMPLES[stream]))] == [stream]


@pytest.mark.parametrize("stream", SAMPLES)
def test_nothing_of_a_plain_record_is_unknown(stream: str):
    assert [v["unknown"] for v in versions(SAMPLES[stream])] == [None]


def test_what_only_looks_alike_is_of_no_stream():
    other_type = {**EVENT, "detail-type": "Amazon Connect Some Other Event"}
    other_sender = {**EVENT, "source": "somebody.else"}
    assert (
        reasons(decode(other_type, other_sender, {"ContactFlowId": "x"}, {"Transcript": []}))
        == [(None, "unknown_stream")] * 4
    )


@pytest.mark.parametrize("kind", ["Amazon Connect Contact Event", "Something Else"])
def test_a_known_record_in_an_envelope_is_that_record(kind: str):
    record = {"AWSContactTraceRecordFormatVersion": "2017-03-10", "ContactId": CONTACT, "InstanceARN": ARN,
              "InitiationTimestamp": "2025-03-03T10:00:00Z", "LastUpdateTimestamp": "2025-03-03T10:10:00Z"}  # fmt: skip
    decoded = decode({**EVENT, "detail-type": kind, "detail": record})
    assert decoded.quarantined == []
    assert [rows.stream for rows in decoded.rows] == [CONTACT_RECORDS.name]


# keys, values, odd values ---------------------------------------------------------------------------------------------

MISSING = [
    ("contact-events", ("id",), "no_key"),
    ("contact-events", ("detail", "instanceArn"), "no_key"),
    ("contact-events", ("time",), "no_event_time"),
    ("flow-logs", ("Timestamp",), "no_event_time"),
    ("contact-evaluations", ("metadata", "instanceId"), "no_key"),
    ("contact-evaluations", ("metadata", "evaluationSubmitTimestamp"), "no_event_time"),
    ("contact-analysis", ("CustomerMetadata", "ContactId"), "no_key"),
]


@pytest.mark.parametrize(("stream", "path", "reason"), MISSING, ids=[f"{s}-{p[-1]}" for s, p, _ in MISSING])
def test_a_record_without_key_or_time_waits_in_quarantine(stream: str, path: tuple[str, ...], reason: str):
    assert reasons(decode(without(SAMPLES[stream], *path))) == [(stream, reason)]


def test_a_flow_without_an_arn_has_no_instance():
    assert reasons(decode({**LOG, "ContactFlowId": "f-1"})) == [("flow-logs", "no_key")]


@pytest.mark.parametrize(
    ("stream", "wrong"),
    [
        ("contact-events", {**EVENT, "time": "2024-02-30T00:00:00Z"}),
        ("contact-events", {**EVENT, "detail": {**EVENT["detail"], "agentInfo": "nobody"}}),
        ("flow-logs", {**LOG, "Timestamp": 1740996000}),
        ("contact-analysis", {**ANALYSIS, "Transcript": [{"BeginOffsetMillis": 1.5}]}),
        ("contact-evaluations", {**EVALUATION, "questions": {"q1": 1}}),
    ],
)
def test_a_value_that_does_not_fit_rejects_its_own_record(stream: str, wrong: dict[str, Any]):
    decoded = decode(SAMPLES[stream], wrong)
    assert reasons(decoded) == [(stream, "bad_value")]
    assert sum(rows.rows.num_rows for rows in decoded.rows) == 1


def test_values_of_a_contact_event():
    found = row(EVENT)
    assert (found["instance_id"], found["event_id"], found["event_type"]) == (
        INSTANCE, EVENT["id"], "CONNECTED_TO_AGENT",
    )  # fmt: skip
    assert (found["contact_id"], found["queue_id"], found["agent_id"]) == (CONTACT, "q-1", "a-1")
    assert found["connected_to_agent_timestamp"] == datetime(2025, 3, 3, 10, 0, 4, 500_000, UTC)
    assert found["agent_initiated_hold_duration_ms"] == 7000
    assert dict(found["segment_attributes"]) == {"connect:Subtype": "connect:Telephony"}
    assert found["resources"] == EVENT["resources"]


def test_a_contact_event_may_spell_its_keys_with_capitals():
    pascal = spelled(EVENT["detail"], lambda key: key[:1].upper() + key[1:] if ":" not in key else key)
    mixed = {**EVENT["detail"], "AgentInfo": {**EVENT["detail"]["agentInfo"]}}
    mixed["AgentInfo"]["AgentArn"] = mixed["AgentInfo"].pop("agentArn")
    del mixed["agentInfo"]
    for detail in (pascal, mixed):
        assert row({**EVENT, "detail": detail}) == row(EVENT)
        assert [v["unknown"] for v in versions({**EVENT, "detail": detail})] == [None]


def test_values_of_a_flow_log_entry():
    found = row({**LOG, "Results": {"Digit": 1}, "ExternalResults": {"b": 1.50, "a": "x"}})
    assert (found["instance_id"], found["contact_flow_id"], found["contact_id"]) == (INSTANCE, "f-1", CONTACT)
    assert found["entry_timestamp"] == datetime(2025, 3, 3, 9, 59, 29, 250_000, UTC)
    assert (found["results"], found["external_results"]) == ('{"Digit":1}', '{"b":1.5,"a":"x"}')
    assert row({**LOG, "Results": "Success"})["results"] == "Success"


@pytest.mark.parametrize("how", [str.lower, lambda key: key[:1].lower() + key[1:]], ids=["lower", "camel"])
def test_a_flow_log_may_spell_its_keys_in_lower_case(how: Any):
    other = {how(key): value for key, value in LOG.items()}
    assert without_entry_id(row(other)) == without_entry_id(row(LOG))
    assert [v["unknown"] for v in versions(other)] == [None]


def without_entry_id(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "entry_id"}


def test_equal_flow_log_entries_are_one_and_others_are_not():
    shuffled = dict(reversed(LOG.items()))
    later = {**LOG, "Timestamp": "2025-03-03T09:59:29.251Z"}
    found = versions(LOG, shuffled, later)
    assert keys(found)[0] == keys(found)[1] != keys(found)[2]
    assert contents(found)[0] == contents(found)[1] != contents(found)[2]


def test_values_of_an_evaluation():
    found = row(EVALUATION)
    assert (found["instance_id"], found["evaluation_id"], found["contact_id"]) == (INSTANCE, "ev-1", CONTACT)
    assert (found["evaluation_definition_version"], found["score_percentage"]) == (2, 87.5)
    assert found["sections"][0]["score"] == {"percentage": 87.5, "not_applicable": None, "automatic_fail": None}
    (question,) = found["questions"]
    assert question["answer"]["values"] == [{"value_text": "Yes", "value_ref_id": "o1", "selected": True}]
    assert question["answer"]["metadata"] == {"not_applicable": False}
    assert question["score"]["automatic_fail"] is True


def test_a_later_submission_has_the_key_of_the_earlier():
    again = json.loads(json.dumps(EVALUATION))
    again["metadata"]["evaluationSubmitTimestamp"] = "2025-03-04T08:00:00Z"
    first, second = versions(EVALUATION, again)
    assert keys([first]) == keys([second])
    assert first["stamp"] < second["stamp"]


def test_values_of_an_analysis():
    found = row(ANALYSIS, source=NAME)
    assert (found["instance_id"], found["contact_id"], found["redacted"]) == (INSTANCE, CONTACT, False)
    assert found["analysed_at"] == datetime(2025, 3, 3, 10, 5, 6, tzinfo=UTC)
    assert (found["channel"], found["language_code"], found["categories"]) == ("VOICE", "en-GB", ["Refund"])
    assert (found["talk_time_agent_ms"], found["talk_time_customer_ms"]) == (30000, None)
    assert (found["sentiment_overall_score_agent"], found["sentiment_overall_score_customer"]) == (1.5, -2)
    assert found["sentiment_quarters_customer"][0]["score"] == -5
    assert found["interruptions_agent"][0]["duration_millis"] == 20
    assert json.loads(found["conversation_characteristics"]) == ANALYSIS["ConversationCharacteristics"]
    (turn,) = found["transcript"]
    assert (turn["content"], turn["end_offset_millis"], turn["loudness_score"]) == ("Hello.", 900, [60.5, None])
    assert turn["issues_detected"][0]["character_offsets"] == {"begin_offset_char": 0, "end_offset_char": 6}


# beside the record: the file's name, when it was landed ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "redacted", "time"),
    [
        (f"{CONTACT}_analysis_2025-03-03T10:05:06Z.json", False, "2025-03-03T10:05:06"),
        (f"a/b/{CONTACT}_analysis_redacted_2025-03-03T10_05_06Z.json", True, "2025-03-03T10:05:06"),
        (f"a\\b\\{CONTACT}_analysis_2025-03-03T10-05-06Z.json.gz", False, "2025-03-03T10:05:06"),
        (f"{CONTACT}_analysis_2025-03-03T10%3A05%3A06.250Z.json", False, "2025-03-03T10:05:06.250"),
        (f"{CONTACT}_analysis_redacted_2025-03-03T100506+01:00.json", True, "2025-03-03T09:05:06"),
        (f"{CONTACT}_analysis_redacted.json", True, None),
        (f"{CONTACT}_analysis.json", False, None),
    ],
)
def test_the_files_name_tells_what_the_document_leaves_out(name: str, redacted: bool, time: str | None):
    bare = without(without(ANALYSIS, "CustomerMetadata"), "ContentMetadata")
    found = row(bare, source=name)
    assert (found["contact_id"], found["instance_id"], found["redacted"]) == (CONTACT, None, redacted)
    landed = datetime(2026, 1, 1, tzinfo=UTC)
    assert found["analysed_at"] == (datetime.fromisoformat(time).replace(tzinfo=UTC) if time else landed)


def test_the_document_wins_over_the_name_for_the_contact_and_either_may_say_redacted():
    other = NAME.replace(CONTACT, "another-contact")
    assert row(ANALYSIS, source=other)["contact_id"] == CONTACT
    redacted = {**ANALYSIS, "ContentMetadata": {"Output": "Redacted", "RedactionTypes": ["PII"]}}
    assert row(redacted, source=NAME)["redacted"] is True
    assert row(ANALYSIS, source=NAME.replace("_analysis_", "_analysis_redacted_"))["redacted"] is True


def test_a_time_in_the_name_that_is_none_is_refused():
    assert reasons(decode(ANALYSIS, source=NAME.replace("03-03T", "02-30T"))) == [("contact-analysis", "bad_value")]


def test_the_name_does_not_change_what_the_content_is():
    later = NAME.replace("10_05_06", "11_00_00")
    found = [versions(ANALYSIS, source=source)[0] for source in (NAME, later, NAME.replace("_05_06", ":05:06"))]
    assert len(set(contents(found))) == 1
    assert keys(found)[0] == keys(found)[2] != keys(found)[1]


def test_an_analysis_without_a_named_file_is_known_again_by_its_content():
    first, second = (versions(ANALYSIS, source="-", landed=LANDED + n)[0] for n in (0, 1))
    other = versions({**ANALYSIS, "JobStatus": "FAILED"})[0]
    assert keys([first]) == keys([second]) != keys([other])


def test_what_stands_beside_a_record_cannot_be_forged_inside_it():
    forged = {**without(ANALYSIS, "CustomerMetadata", "ContactId"), "@name": {"contact": "x"}, "@landed": "x"}
    assert row(forged, source=NAME)["contact_id"] == CONTACT
    assert versions(forged, source=NAME)[0]["unknown"] == ["@landed", "@name"]


def test_documents_given_one_by_one_have_an_origin_each():
    bare = json.dumps(without(ANALYSIS, "CustomerMetadata")).encode()
    names = [NAME.replace(CONTACT, contact) for contact in ("c-1", "c-2")]
    (decoded,) = Decoder(STREAMS, BY_NAME, 1 << 20).decode_each([bare, bare], [Origin(n, LANDED) for n in names])
    (rows,) = decoded.rows
    assert rows.rows.column("contact_id").to_pylist() == ["c-1", "c-2"]


# wrappings ------------------------------------------------------------------------------------------------------------


def subscription(*messages: str, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    events = [{"id": str(n), "timestamp": 1740996000000 + n, "message": text} for n, text in enumerate(messages)]
    return {"messageType": kind, "owner": "0", "logGroup": "g", "logStream": "s", "logEvents": events}


def packed(document: dict[str, Any]) -> str:
    return base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()


def test_log_subscriptions_are_opened_whatever_carries_them():
    entry, other = json.dumps(LOG), json.dumps({**LOG, "Timestamp": "2025-03-03T10:00:00Z"})
    inner = subscription(entry, other)
    plain = row(LOG)
    for document, path in (
        (inner, "logEvents[0].message"),
        ({"awslogs": {"data": packed(inner)}}, "awslogs.data.logEvents[0].message"),
        ({"Records": [{"kinesis": {"data": packed(inner)}}]}, "Records[0].kinesis.data.logEvents[0].message"),
        ({"records": [{"data": packed(inner)}]}, "records[0].data.logEvents[0].message"),
    ):
        decoded = decode(document)
        assert decoded.quarantined == []
        (rows,) = decoded.rows
        assert rows.rows.num_rows == 2
        assert rows.rows.to_pylist()[0] == plain
        assert rows.versions.column("path")[0].as_py() == path


def test_a_broken_message_is_quarantined_alone():
    decoded = decode(subscription(json.dumps(LOG), "plain text", '{"Some":"thing"}', ""))
    assert [rows.rows.num_rows for rows in decoded.rows] == [1]
    found = [(q.reason, q.json_path, q.raw) for q in decoded.quarantined]
    assert found == [
        ("invalid_json", "logEvents[1].message", b"plain text"),
        ("unknown_stream", "logEvents[2].message", b'{"Some":"thing"}'),
        ("invalid_json", "logEvents[3].message", b""),
    ]


def test_a_log_event_without_a_message_is_quarantined_alone():
    wrapped = subscription(json.dumps(LOG))
    for kind, name in (("messageType", "logEvents"), ("messagetype", "logevents")):
        spelled = {kind: "DATA_MESSAGE", name: [*wrapped["logEvents"], {"id": "2"}]}
        decoded = decode(spelled)
        assert [rows.rows.num_rows for rows in decoded.rows] == [1]
        assert [(q.reason, q.json_path) for q in decoded.quarantined] == [("bad_value", f"{name}[1].message")]


def test_a_control_message_carries_no_record():
    control = subscription("CWL CONTROL MESSAGE: Checking health of destination.", kind="CONTROL_MESSAGE")
    decoded = decode(control, LOG, {"awslogs": {"data": packed(control)}})
    assert decoded.quarantined == []
    assert [rows.rows.num_rows for rows in decoded.rows] == [1]
    assert reasons(decode({**control, "messageType": "DATA_MESSAGE", "logEvents": [{"id": "1"}]})) == [
        (None, "unknown_stream")
    ]


# a whole lake ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def lake(tmp_path: Path) -> contactlake.Lake:
    ticks = itertools.count()
    return contactlake.open(tmp_path / "lake", now=lambda: LANDED + next(ticks))


def put(folder: Path, name: str, document: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def counts(account: Any) -> tuple[int, int, int, int]:
    return account.records, account.stored, account.duplicates, account.quarantined


def test_original_redacted_and_later_analyses_are_all_kept(lake: contactlake.Lake, tmp_path: Path):
    redacted = {**ANALYSIS, "ContentMetadata": {"Output": "Redacted"}}
    put(tmp_path, f"in/{CONTACT}_analysis_2025-03-03T10_05_06Z.json", ANALYSIS)
    put(tmp_path, f"in/{CONTACT}_analysis_2025-03-04T10_05_06Z.json", {**ANALYSIS, "LanguageCode": "en-US"})
    put(tmp_path, f"in/{CONTACT}_analysis_redacted_2025-03-03T10_05_06Z.json", redacted)
    assert counts(lake.ingest(tmp_path / "in")) == (3, 3, 0, 0)
    assert counts(lake.ingest(put(tmp_path, f"again/{CONTACT}_analysis_2025-03-03T10:05:06Z.json", [ANALYSIS]))) == (
        1, 0, 1, 0,
    )  # fmt: skip
    found = lake.query("SELECT redacted, analysed_at::DATE::VARCHAR AS day FROM contact_analysis ORDER BY ALL").rows()
    assert [tuple(r.values()) for r in found] == [(False, "2025-03-03"), (False, "2025-03-04"), (True, "2025-03-03")]


@pytest.mark.parametrize("in_place", [False, True])
def test_the_landing_time_stays_what_it_was(lake: contactlake.Lake, tmp_path: Path, in_place: bool):
    assert counts(lake.ingest(put(tmp_path, "a.json", ANALYSIS), in_place=in_place)) == (1, 1, 0, 0)
    before = lake.query("SELECT analysed_at FROM contact_analysis").rows()
    assert counts(lake.ingest(put(tmp_path, "b.json", [ANALYSIS]), in_place=in_place)) == (1, 0, 1, 0)
    assert lake.query("SELECT analysed_at FROM contact_analysis").rows() == before


def test_retry_knows_the_files_name_and_when_it_was_landed(
    lake: contactlake.Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    bare = without(ANALYSIS, "CustomerMetadata")
    put(tmp_path, f"in/{CONTACT}_analysis_redacted.json", bare)
    put(tmp_path, "in/logs.json", subscription(json.dumps(LOG), json.dumps({**LOG, "Identifier": "b"})))
    only = tuple(s for s in STREAMS if s.table == "agent_event")
    with monkeypatch.context() as earlier:  # a version that knew agent events only, and no log subscriptions
        earlier.setattr("contactlake.staging.STREAMS", only)
        earlier.setattr("contactlake.decode.decoder.carried", lambda _: None)
        assert counts(lake.ingest(tmp_path / "in")) == (2, 0, 0, 2)
    landed = lake.query("SELECT landed_at FROM quarantine WHERE source LIKE '%analysis%'").rows()[0]["landed_at"]
    assert counts(lake.retry_quarantine()) == (3, 3, 0, 0)
    (found,) = lake.query("SELECT contact_id, redacted, analysed_at FROM contact_analysis").rows()
    assert found == {"contact_id": CONTACT, "redacted": True, "analysed_at": landed}
    assert len(lake.query("SELECT * FROM contact_flow_log").rows()) == 2
    assert lake.query("SELECT * FROM quarantine").rows() == []


FOLDERS = {
    "agent-events": ("agent-events", "agent_event"),
    "contact-records": ("contact-records", "contact_record"),
    "flow-logs": ("flow-logs", "contact_flow_log"),
    "analysis": ("contact-analysis", "contact_analysis"),
    "evaluations": ("contact-evaluations", "contact_evaluation"),
}
"""Of the simulator's folders: the stream and its table."""


def test_everything_that_is_simulated_is_stored(lake: contactlake.Lake, tmp_path: Path):
    written = simulate(tmp_path / "in", agents=8, days=1, seed=5).documents
    summary = lake.ingest(tmp_path / "in")
    total = sum(written.values())
    assert counts(summary) == (total, total, 0, 0)
    assert {name: summary.streams[stream].stored for name, (stream, _) in FOLDERS.items()} == dict(written)
    for name, (_, table) in FOLDERS.items():
        assert summary.tables[table] == {"rows_added": written[name], "rows_removed": 0}
    news = lake.query("SELECT DISTINCT stream FROM record_version WHERE unknown IS NOT NULL").rows()
    assert {r["stream"] for r in news} <= {"agent-events", "contact-records"}
    named = "SELECT count(*) AS n FROM contact_analysis WHERE analysed_at >= '2026-01-01' OR instance_id IS NULL"
    assert lake.query(named).rows() == [{"n": 0}]


def test_mess_is_accounted_for_exactly(tmp_path: Path):
    written = simulate(tmp_path / "in", agents=10, days=1, seed=4, profile="messy", truth=True).documents
    truth = json.loads((tmp_path / "in" / "truth" / "mess.json").read_text())
    for name, (stream, _) in FOLDERS.items():
        said = truth["streams"].get(name, {"duplicates": 0, "malformed": 0, "malformed_kinds": {}})
        summary = contactlake.open(tmp_path / f"lake-{name}").ingest(tmp_path / "in" / name)
        stored = written[name] - said["duplicates"] - said["malformed"]
        assert counts(summary) == (written[name], stored, said["duplicates"], said["malformed"]), name
        assert summary.streams[stream].stored == stored
        expected: Counter[str] = Counter()
        for kind, count in said["malformed_kinds"].items():
            expected[truth["reasons"][kind]] += count
        found = Counter(summary.reasons)
        # a document cut in half may be called either
        assert _joined(found) == _joined(expected), name
    assert truth["streams"]["flow-logs"]["duplicates"] > 0


def _joined(reasons: Counter[str]) -> Counter[str]:
    return Counter({reason: n for reason, n in reasons.items() if reason != "truncated"}) + Counter(
        {"invalid_json": reasons["truncated"]}
    )
