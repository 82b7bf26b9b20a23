"""Hand-made documents about contacts: their records, analyses, evaluations, flow logs, and lakes that take them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import contactlake
from tests.lakes import Clock, rows

INSTANCE = "7f1e7f1e-aaaa-4bbb-8ccc-000000000001"
ARN = f"arn:aws:connect:eu-central-1:111122223333:instance/{INSTANCE}"
AGENT = "9a9a9a9a-0000-4000-8000-000000000001"
QUEUE = "6b6b6b6b-0000-4000-8000-000000000001"

Delivered = tuple[str, Any]
"""The name of a file, and the document or documents in it."""


def record(contact: str, updated: str = "2025-03-03T12:00:00Z", **more: Any) -> Delivered:
    """A contact's record: began on the 2nd before midnight, ended on the 3rd."""
    document = {
        "AWSAccountId": "111122223333",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "ContactId": contact,
        "InstanceARN": ARN,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2025-03-02T23:50:00Z",
        "DisconnectTimestamp": "2025-03-03T00:10:00Z",
        "LastUpdateTimestamp": updated,
        **more,
    }
    return f"ctr-{contact}-{updated}-{len(json.dumps(document))}", document


def analysis(
    contact: str, time: str | None = "2025-03-05T08:30:00Z", redacted: bool = False, score: float = 1.5, **more: Any
) -> Delivered:
    """An analysis of a call in a file as the vendor names it; no two are of the same bytes, which would be one file."""
    name = f"{contact}_analysis{'_redacted' if redacted else ''}{f'_{time}' if time else ''}.json"
    document = {
        "AccountId": "444455556666",
        "Channel": "VOICE",
        "Version": "1.1.0",
        "LanguageCode": "en-GB",
        "JobStatus": "COMPLETED",
        "CustomerMetadata": {"ContactId": contact, "InstanceId": INSTANCE},
        "Categories": {"MatchedCategories": ["Complaint"], "MatchedDetails": {}},
        "ConversationCharacteristics": {"Sentiment": {"OverallSentiment": {"AGENT": score, "CUSTOMER": -score}}},
        "Participants": [{"ParticipantId": "AGENT", "ParticipantRole": "AGENT"}],
        "Transcript": [],
        "CustomModels": [name],
        **more,
    }
    return f"Analysis/Voice/{name.replace(':', '_')}", document


def lake_of(folder: Path, *parts: list[Delivered]) -> contactlake.Lake:
    """A lake into which the parts were ingested one after the other."""
    lake = contactlake.open(folder / "lake", now=Clock(), workers=1)
    for number, part in enumerate(parts):
        take(lake, folder / f"in-{number}", part)
    return lake


def take(lake: contactlake.Lake, folder: Path, part: list[Delivered]) -> Any:
    """Ingest documents, each in a file of its name."""
    for name, document in part:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        documents = document if isinstance(document, list) else [document]
        path.write_text("".join(json.dumps(d) for d in documents), encoding="utf-8")
    return lake.ingest(folder)


def filled(lake: contactlake.Lake, table: str) -> list[dict[str, Any]]:
    """The rows of a table without their nulls and without when they changed."""
    found = []
    for row in rows(lake, table):
        row.pop("at", None)
        found.append({name: value for name, value in row.items() if value is not None})
    return sorted(found, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def the(lake: contactlake.Lake, table: str) -> dict[str, Any]:
    """The one row of a table, without its nulls."""
    (row,) = filled(lake, table)
    return row


def instant(value: Any) -> str:
    """A moment as the streams write it."""
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"


def days_of(lake: contactlake.Lake, table: str) -> dict[str, int]:
    """By UTC day of the partition: the rows whose files lie there."""
    found: dict[str, int] = {}
    for file in lake._store().plan(table).files:
        assert file.day is not None
        day = str(file.day)
        found[day] = found.get(day, 0) + file.rows
    return found
