"""Real-shaped records of the streams, made from a number: the same number gives the same record.

Self-contained: what varies (optional keys, nulls, contacts, unknown fields) varies with the number.
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

INSTANCE = "5d6e7f80-1111-4222-8333-944455556666"
ARN = f"arn:aws:connect:eu-central-1:111122223333:instance/{INSTANCE}"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def stamp(moment: datetime, fraction: bool = True) -> str:
    """A moment as the streams write it."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{moment.microsecond // 1000:03d}Z" if fraction else "Z")


def uuid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def queue(number: int, channels: bool = True) -> dict[str, Any]:
    made: dict[str, Any] = {"ARN": f"{ARN}/queue/{uuid(9, number)}", "Name": f"Queue {number}"}
    if channels:
        made["Channels"] = ["VOICE", "CHAT"]
    return made


def configuration(agent: int, random: Random) -> dict[str, Any]:
    made: dict[str, Any] = {
        "AgentHierarchyGroups": None
        if agent % 3 == 0
        else {f"Level{n}": {"ARN": f"{ARN}/agent-group/{uuid(8, n)}", "Name": f"Group {n}"} for n in (1, 2)},
        "FirstName": "Ärma",
        "LastName": f"Agent {agent}",
        "RoutingProfile": {
            "ARN": f"{ARN}/routing-profile/{uuid(7, agent % 4)}",
            "Concurrency": [{"AvailableSlots": random.randint(0, 2), "Channel": "VOICE", "MaximumSlots": 2}],
            "DefaultOutboundQueue": queue(1),
            "InboundQueues": [queue(n, n % 2 == 0) for n in range(agent % 3 + 1)],
            "Name": f"Profile {agent % 4}",
        },
        "Username": f"agent.{agent}",
    }
    if agent % 2:
        made["Proficiencies"] = [{"Name": "language", "Value": "de", "ProficiencyLevel": 4.5}]
    return made


def contact(number: int, moment: datetime, random: Random) -> dict[str, Any]:
    return {
        "Channel": random.choice(["VOICE", "CHAT", "TASKS"]),
        "ConnectedToAgentTimestamp": stamp(moment),
        "ContactId": uuid(5, number),
        "InitialContactId": None,
        "InitiationMethod": "INBOUND",
        "Queue": queue(2, channels=False),
        "QueueTimestamp": stamp(moment),
        "State": random.choice(["CONNECTED", "CONNECTED_ONHOLD", "ENDED"]),
        "StateStartTimestamp": stamp(moment),
    }


def snapshot(agent: int, number: int, moment: datetime, random: Random) -> dict[str, Any]:
    made: dict[str, Any] = {
        "AgentStatus": {
            "ARN": f"{ARN}/agent-state/{uuid(6, 1)}",
            "Name": "Available",
            "StartTimestamp": stamp(moment),
            "Type": "ROUTABLE",
        },
        "Configuration": configuration(agent, random),
        "Contacts": [contact(number + n, moment, random) for n in range(number % 3)],
    }
    if number % 4 == 0:
        made["NextAgentStatus"] = None
    return made


def agent_event(number: int, **changes: Any) -> dict[str, Any]:
    """An agent event."""
    random = Random(number)
    agent = number % 5
    moment = START + timedelta(seconds=number * 97, milliseconds=number % 1000)
    made = {
        "AWSAccountId": "111122223333",
        "AgentARN": f"{ARN}/agent/{uuid(1, agent)}",
        "CurrentAgentSnapshot": snapshot(agent, number, moment, random),
        "EventId": uuid(2, number),
        "EventTimestamp": stamp(moment),
        "EventType": random.choice(["HEART_BEAT", "STATE_CHANGE", "LOGIN"]),
        "InstanceARN": ARN,
        "PreviousAgentSnapshot": None if number % 7 == 0 else snapshot(agent, number, moment, random),
        "Version": "2019-05-25",
    }
    return {**made, **changes}


def contact_record(number: int, version: int = 0, **changes: Any) -> dict[str, Any]:
    """A contact record; a greater version is a later update of the same contact."""
    random = Random(number)
    begin = START + timedelta(seconds=number * 131)
    end = begin + timedelta(seconds=random.randint(20, 900))
    made: dict[str, Any] = {
        "AWSAccountId": "111122223333",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": None,
        "AgentConnectionAttempts": number % 2,
        "Attributes": {"version": str(version), "Ö": "ü\U0001f600"},
        "Channel": "VOICE",
        "ConnectedToSystemTimestamp": stamp(begin, False),
        "ContactId": uuid(3, number),
        "CustomerEndpoint": {"Address": "+4930123456", "Type": "TELEPHONE_NUMBER"},
        "DisconnectReason": None,
        "DisconnectTimestamp": stamp(end, False),
        "InitialContactId": None,
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": stamp(begin, False),
        "InstanceARN": ARN,
        "LastUpdateTimestamp": stamp(end + timedelta(seconds=60 + version), False),
        "MediaStreams": [{"Type": "AUDIO"}],
        "Queue": {
            "ARN": queue(3)["ARN"],
            "DequeueTimestamp": stamp(begin, False),
            "Duration": number % 50,
            "EnqueueTimestamp": stamp(begin, False),
            "Name": "Queue 3",
        },
        "Recording": None,
        "References": [],
        "SystemEndpoint": {"Address": "+4930654321", "Type": "TELEPHONE_NUMBER"},
    }
    if number % 2:
        made["Agent"] = {
            "ARN": f"{ARN}/agent/{uuid(1, number % 5)}",
            "AfterContactWorkDuration": 5,
            "AgentInteractionDuration": number,
            "ConnectedToAgentTimestamp": stamp(begin, False),
            "CustomerHoldDuration": 0,
            "HierarchyGroups": {"Level1": {"ARN": f"{ARN}/agent-group/{uuid(8, 1)}", "GroupName": "Group 1"}},
            "NumberOfHolds": 0,
            "RoutingProfile": {"ARN": f"{ARN}/routing-profile/{uuid(7, 1)}", "Name": "Profile 1"},
            "Username": "agent.1",
        }
    if number % 3 == 0:
        made["SegmentAttributes"] = {"connect:Subtype": {"ValueString": "connect:Telephony"}}
        made["Tags"] = {"aws:connect:instanceId": INSTANCE}
    return {**made, **changes}


def text(record: Any, **options: Any) -> bytes:
    """A record as JSON bytes, as the streams write it."""
    return json.dumps(record, ensure_ascii=False, **options).encode()


def mixed(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Records of both streams."""
    return [agent_event(n) if n % 2 else contact_record(n) for n in range(first, first + count)]


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(text(r) + b"\n" for r in records)


def kinesis(records: list[bytes], zipped: bool = False) -> dict[str, Any]:
    """Records as a stream hands them to a function."""
    return {
        "Records": [
            {
                "kinesis": {
                    "partitionKey": "k",
                    "sequenceNumber": str(i),
                    "data": base64.b64encode(gzip.compress(r) if zipped else r).decode(),
                    "approximateArrivalTimestamp": 1.5,
                },
                "eventID": f"shard:{i}",
            }
            for i, r in enumerate(records)
        ]
    }


def event_bus(record: dict[str, Any]) -> dict[str, Any]:
    """A record in an event-bus envelope."""
    return {"version": "0", "id": "1", "detail-type": "Record", "source": "own.app", "detail": record}
