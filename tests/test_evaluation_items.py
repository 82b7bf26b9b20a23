"""contact_evaluation_record: of each evaluation a row for the form, one per section, one per question."""

from __future__ import annotations

from pathlib import Path

import pytest

import contactlake
from contactlake.tables._derived_columns import unfilled
from contactlake.tables._evaluation_items import EVALUATION_SOURCES
from contactlake.tables.contact_evaluation_record import CONTACT_EVALUATION_RECORD as ITEMS
from tests.conversations import AGENT, ARN, INSTANCE, QUEUE, Delivered, filled, instant, lake_of, record, take
from tests.lakes import centre, files
from tests.simulated import documents

TABLE = ITEMS.name
EVALUATION = "e-1"
SUBMITTED = "2025-03-04T17:59:29.052Z"


def question(id: str, type: str, answer: dict, score: dict | None = None) -> dict:
    return {
        "questionRefId": id,
        "sectionRefId": "s-2",
        "questionType": type,
        "questionText": f"What of {id}?",
        "answer": answer,
        "score": score or {"notApplicable": True},
    }


def options(*selected: str) -> dict:
    names = ("o-1", "o-2", "o-3")
    return {"values": [{"valueText": n.upper(), "valueRefId": n, "selected": n in selected} for n in names]}


def evaluation(
    contact: str | None = "c-1",
    submitted: str = SUBMITTED,
    id: str = EVALUATION,
    folder: str = "new",
    **metadata: object,
) -> Delivered:
    document = {
        "schemaVersion": "3.1",
        "evaluationId": id,
        "metadata": {
            "contactId": contact,
            "accountId": "111122223333",
            "instanceId": INSTANCE,
            "agentId": AGENT,
            "evaluationDefinitionTitle": "Courtesy",
            "evaluator": "jane",
            "evaluationDefinitionId": "f-1",
            "evaluationDefinitionVersion": 2,
            "evaluationStartTimestamp": "2025-03-04T17:57:08.649Z",
            "evaluationSubmitTimestamp": submitted,
            "score": {"percentage": 87.5, "automaticFail": False},
            **metadata,
        },
        "sections": [
            {"sectionRefId": "s-1", "sectionTitle": "All", "score": {"percentage": 50, "automaticFail": True}},
            {"sectionRefId": "s-2", "sectionTitle": "Part", "parentSectionRefId": "s-1", "score": {"percentage": 0}},
            {"sectionTitle": "without an id"},
        ],
        "questions": [
            question("q-number", "NUMERIC", {"value": "7.5"}, {"percentage": 75}),
            question("q-none", "NUMERIC", {"value": "", "metadata": {"notApplicable": True}}),
            question("q-one", "SINGLESELECT", options("o-2"), {"percentage": 100, "notApplicable": False}),
            question("q-many", "MULTISELECT", options("o-1", "o-3")),
            question("q-text", "TEXT", {"value": "12"}),
            question("q-time", "DATETIME", {"value": "2025-03-01T10:00:00Z"}),
            question("q-number", "TEXT", {"value": "the same id again"}),
        ],
    }
    return f"{folder}/Evaluations/{submitted[:10].replace('-', '/')}/{submitted[11:]}-{id}.json", document


ENDED = {
    "Agent": {"ARN": f"{ARN}/agent/{AGENT[::-1]}"},
    "Queue": {"ARN": f"{ARN}/queue/{QUEUE}", "Name": "Sales"},
    "ContactEvaluations": {
        "f-1": {"EvaluationArn": f"{ARN}/contact-evaluation/{EVALUATION}", "Status": "COMPLETE"},
        "f-2": {"EvaluationArn": f"{ARN}/contact-evaluation/e-2", "Status": "DELETED"},
    },
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> contactlake.Lake:
    unlisted = evaluation(id="e-3", evaluationDefinitionId=None, agentId=None)
    return lake_of(
        tmp_path_factory.mktemp("all"), [evaluation(), evaluation(id="e-2"), unlisted, record("c-1", **ENDED)]
    )


def items(lake: contactlake.Lake, id: str = EVALUATION) -> dict[str, dict]:
    return {row["item_reference_id"]: row for row in filled(lake, TABLE) if row["evaluation_id"] == id}


def test_rows_of_form_sections_and_questions(lake: contactlake.Lake):
    found = items(lake)
    shared = {
        "aws_account_id": "111122223333",
        "instance_id": INSTANCE,
        "evaluation_id": EVALUATION,
        "contact_id": "c-1",
        "evaluation_submitted_timestamp": SUBMITTED,
        "evaluator_id": "jane",
        "to_delete": False,
        "disconnect_timestamp": "2025-03-03T00:10:00.000Z",
        "initiation_timestamp": "2025-03-02T23:50:00.000Z",
        "contact_aggregation_timestamp": "2025-03-03T00:10:00.000Z",
        "user_id": AGENT,
        "queue_id": QUEUE,
        "channel": "VOICE",
        "form_version": "2",
    }
    own = {
        "f-1": {"item_type": "Form", "item_title": "Courtesy", "score": 87.5, "automatic_fail": False},
        "s-1": {"item_type": "Section", "item_title": "All", "score": 50.0, "automatic_fail": True},
        "s-2": {"item_type": "Section", "item_title": "Part", "score": 0.0},
        "q-number": {"item_type": "Question", "score": 75.0, "numeric_answer": 7.5},
        "q-none": {"item_type": "Question"},
        "q-one": {"item_type": "Question", "score": 100.0, "answer_reference_id": "o-2"},
        "q-many": {"item_type": "Question", "multi_select_answer_reference_ids": ["o-1", "o-3"]},
        "q-text": {"item_type": "Question"},
        "q-time": {"item_type": "Question", "date_time_answer": "2025-03-01T10:00:00.000Z"},
    }
    titled = {id: {"item_title": f"What of {id}?", **more} for id, more in own.items()}
    for row in found.values():
        row |= {name: instant(value) for name, value in row.items() if hasattr(value, "microsecond")}
    assert found == {id: {"item_reference_id": id, **shared, **more} for id, more in titled.items()}


def test_what_the_contacts_record_says_of_an_evaluation(lake: contactlake.Lake):
    assert {row["to_delete"] for row in items(lake, "e-2").values()} == {True}
    unlisted = items(lake, "e-3")
    assert all("to_delete" not in row for row in unlisted.values())
    assert {row["user_id"] for row in unlisted.values()} == {AGENT[::-1]}
    assert unlisted["e-3"]["item_type"] == "Form"


def test_every_column_has_a_source_or_is_null(lake: contactlake.Lake):
    seen = {name for row in filled(lake, TABLE) for name in row}
    absent = {c.name for c in ITEMS.columns} - {ITEMS.processed_at} - seen
    assert absent == set(unfilled(ITEMS, EVALUATION_SOURCES))


def test_two_files_and_a_later_submission_are_one_evaluation_before_and_after_its_contact(tmp_path: Path):
    late = evaluation(submitted="2025-03-05T00:00:00.000Z", score={"percentage": 10})
    lake = lake_of(tmp_path, [evaluation(), evaluation(folder="old")])
    assert len(items(lake)) == 9
    form = items(lake)["f-1"]
    assert instant(form["initiation_timestamp"]) == SUBMITTED
    assert form.keys().isdisjoint({"disconnect_timestamp", "queue_id", "channel", "to_delete"})
    take(lake, tmp_path / "late", [late, record("c-1", **ENDED)])
    take(lake, tmp_path / "again", [(f"again/{name}", document) for name, document in [evaluation(folder="old")]])
    assert len(items(lake)) == 9
    form = items(lake)["f-1"]
    assert (form["score"], instant(form["initiation_timestamp"])) == (10, "2025-03-02T23:50:00.000Z")
    moved = evaluation("c-2", "2025-03-06T00:00:00.000Z")
    take(lake, tmp_path / "moved", [moved, evaluation(None, id="e-9")])
    assert {row["contact_id"] for row in items(lake).values()} == {"c-2"}
    assert len(items(lake, "e-9")) == 9
    take(lake, tmp_path / "resubmitted", [evaluation(None, "2025-03-07T00:00:00.000Z", id="e-9")])
    assert {instant(row["initiation_timestamp"])[:10] for row in items(lake, "e-9").values()} == {"2025-03-07"}
    whole = lake_of(
        tmp_path / "whole",
        [evaluation(None, "2025-03-07T00:00:00.000Z", id="e-9"), moved, late, evaluation(), record("c-1", **ENDED)],
    )
    assert filled(whole, TABLE) == filled(lake, TABLE)
    before = files(lake)
    lake.build()
    assert {p for p in files(lake).items() ^ before.items() if p[0].endswith(".parquet")} == set()


def test_every_simulated_evaluation_has_all_its_items(tmp_path: Path):
    source = centre(tmp_path / "raw", 4, agents=8, days=1)
    lake = contactlake.open(tmp_path / "lake")
    lake.ingest(source / "evaluations", source / "contact-records")
    wanted = set()
    for document in documents(source / "evaluations"):
        id = document["evaluationId"]
        wanted |= {(id, document["metadata"]["evaluationDefinitionId"])}
        wanted |= {(id, section["sectionRefId"]) for section in document["sections"]}
        wanted |= {(id, question["questionRefId"]) for question in document["questions"]}
    found = lake.query(f"SELECT evaluation_id, item_reference_id FROM {TABLE}").rows()
    assert wanted
    assert sorted(tuple(row.values()) for row in found) == sorted(wanted)
    known = (
        "SELECT count(*) AS n FROM contact_evaluation_record AS e JOIN contact_record AS r USING (contact_id) WHERE "
    )
    assert lake.query(f"{known} e.initiation_timestamp = r.initiation_timestamp").rows() == [{"n": len(wanted)}]
