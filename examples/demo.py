"""The demo: a small contact centre's morning, delivered the way real streams are, then ingested, asked and explained.

Run it with ``make demo``. It writes only to ``demo/``, which it makes anew each time. Everything it does is a command
that is shown before its output, so that any step can be repeated by hand.
"""

from __future__ import annotations

import gzip
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
DEMO = Path("demo")
COMMAND = Path(os.path.relpath(sys.executable, HERE)).parent / "contactlake"

Record = dict[str, Any]

# The morning ----------------------------------------------------------------------------------------------------------

INSTANCE = "arn:aws:connect:eu-central-1:111122223333:instance/0a1b2c3d-0000-4000-8000-000000000001"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AGENTS = ("ada", "grace", "linus", "margaret")
QUEUES = ("Billing", "Support")
STATUSES = {"Available": "ROUTABLE", "Lunch": "CUSTOM", "Offline": "OFFLINE"}


def arn(kind: str, name: str) -> str:
    """An ARN in the instance."""
    return f"{INSTANCE}/{kind}/{name.lower()}"


def stamp(at: datetime) -> str:
    """A time as agent events write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def short(at: datetime) -> str:
    """A time as contact records write it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def snapshot(agent: str, status: str, since: datetime, contacts: list[Record]) -> Record:
    """What an agent looks like at a moment."""
    queues = [{"ARN": arn("queue", q), "Name": q, "Channels": ["VOICE"]} for q in QUEUES]
    profile = {
        "ARN": arn("routing-profile", "general"),
        "Name": "General",
        "Concurrency": [{"Channel": "VOICE", "AvailableSlots": 1 - len(contacts), "MaximumSlots": 1}],
        "DefaultOutboundQueue": queues[0],
        "InboundQueues": queues,
    }
    return {
        "AgentStatus": {
            "ARN": arn("agent-state", status),
            "Name": status,
            "Type": STATUSES[status],
            "StartTimestamp": stamp(since),
        },
        "NextAgentStatus": None,
        "Configuration": {"Username": agent, "FirstName": agent.title(), "LastName": "Demo", "RoutingProfile": profile},
        "Contacts": contacts,
    }


def agent_events(agent: str, calls: list[Record]) -> Iterator[Record]:
    """One agent's morning: login, calls with after-contact work, a heartbeat when it is quiet, lunch, logout."""
    moments: list[tuple[datetime, str, str, list[Record]]] = [(START, "LOGIN", "Available", [])]
    for call in calls:
        at, answered, ended, cleared = call["offered"], call["answered"], call["ended"], call["cleared"]
        base = {"ContactId": call["id"], "Channel": "VOICE", "InitiationMethod": "INBOUND", "Queue": call["queue"]}
        base["QueueTimestamp"] = stamp(call["queued"])
        since = {"ConnectedToAgentTimestamp": stamp(answered)}
        states = ((at, "CONNECTING", {}), (answered, "CONNECTED", since), (ended, "ENDED", since))
        for when, state, more in states:
            contact = {**base, "State": state, "StateStartTimestamp": stamp(when), **more}
            moments.append((when, "STATE_CHANGE", "Available", [contact]))
        moments.append((cleared, "STATE_CHANGE", "Available", []))
        moments.append((cleared + timedelta(seconds=120), "HEART_BEAT", "Available", []))
    moments.append((START + timedelta(hours=4), "STATE_CHANGE", "Lunch", []))
    moments.append((START + timedelta(hours=4, minutes=30), "LOGOUT", "Offline", []))
    before, since_status, status_before = None, START, ""
    for number, (at, kind, status, contacts) in enumerate(moments):
        since_status = at if status != status_before else since_status
        after = snapshot(agent, status, since_status, contacts)
        yield {
            "AWSAccountId": "111122223333",
            "AgentARN": arn("agent", agent),
            "InstanceARN": INSTANCE,
            "EventId": f"{agent}-{number:04d}",
            "EventTimestamp": stamp(at),
            "EventType": kind,
            "Version": "2019-05-25",
            "CurrentAgentSnapshot": after,
            "PreviousAgentSnapshot": before,
        }
        before, status_before = after, status


def morning_calls() -> Iterator[tuple[str, Record]]:
    """Who takes which call: every agent one about every twenty minutes, none like the other, the same in every run."""
    for a, agent in enumerate(AGENTS):
        for n in range(11):
            queued = START + timedelta(minutes=5 + 21 * n + 4 * a, seconds=(37 * n + 11 * a) % 60)
            offered = queued + timedelta(seconds=3 + (n * n * 7 + a * 13) % 90)
            answered = offered + timedelta(seconds=2 + (n + a) % 7)
            ended = answered + timedelta(seconds=90 + (n * 53 + a * 71) % 400)
            cleared = ended + timedelta(seconds=20 + (n * 29 + a * 17) % 100)
            name = QUEUES[(n + a) % 2]
            times = {"queued": queued, "offered": offered, "answered": answered, "ended": ended, "cleared": cleared}
            yield agent, {"id": f"c-{a}{n:02d}", "queue": {"ARN": arn("queue", name), "Name": name}, **times}


def contact_record(agent: str, call: Record, updated: datetime, attributes: dict[str, str]) -> Record:
    """The whole record of a call, as it stands at ``updated``."""
    wait = int((call["answered"] - call["queued"]).total_seconds())
    return {
        "AWSAccountId": "111122223333",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "InstanceARN": INSTANCE,
        "ContactId": call["id"],
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": short(call["queued"] - timedelta(seconds=25)),
        "DisconnectTimestamp": short(call["ended"]),
        "LastUpdateTimestamp": short(updated),
        "Agent": {
            "ARN": arn("agent", agent),
            "Username": agent,
            "ConnectedToAgentTimestamp": short(call["answered"]),
            "AgentInteractionDuration": int((call["ended"] - call["answered"]).total_seconds()),
            "AfterContactWorkDuration": int((call["cleared"] - call["ended"]).total_seconds()),
        },
        "Queue": {**call["queue"], "EnqueueTimestamp": short(call["queued"]), "Duration": wait},
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+4930555" + call["id"][2:].zfill(4)},
        "Attributes": attributes,
    }


def write_streams(folder: Path) -> None:
    """The morning as files, in three layouts: copies of events, records corrected later, some damage."""
    calls = list(morning_calls())
    events = [e for agent in AGENTS for e in agent_events(agent, [c for who, c in calls if who == agent])]
    events.sort(key=lambda e: (e["EventTimestamp"], e["EventId"]))
    records = [contact_record(who, call, call["cleared"] + timedelta(seconds=30), {}) for who, call in calls]
    late = [contact_record(w, c, c["cleared"] + timedelta(days=2), {"survey": "5"}) for w, c in calls[::9]]
    lines = [json.dumps(event) for event in events]
    lines[40:40] = lines[30:36]  # delivered at least once: these six came twice
    lines[60:60] = [lines[60][: len(lines[60]) // 2], '{"EventId": "x", "EventType": "LOGIN", "AgentARN": null}']
    (folder / "agent-events").mkdir(parents=True)
    (folder / "contact-records").mkdir()
    (folder / "agent-events" / "morning.jsonl").write_text("\n".join(lines) + "\n")
    broken = json.dumps(records[3]).replace('"VOICE"', '["VOICE"]') + json.dumps({"hello": "world"})
    delivered = "".join(json.dumps(record) for record in records) + broken  # nothing between the documents
    (folder / "contact-records" / "morning.gz").write_bytes(gzip.compress(delivered.encode(), mtime=0))
    (folder / "contact-records" / "corrections.json").write_text(json.dumps(late, indent=2))


# The tour -------------------------------------------------------------------------------------------------------------

WAITS = """SELECT queue_name AS queue, count(*) AS contacts, round(avg(queue_duration_ms) / 1000, 1) AS mean_wait_s,
       max(queue_duration_ms) / 1000 AS longest_wait_s
FROM contact_record GROUP BY ALL ORDER BY queue"""

HANDLING = """SELECT agent_username AS agent, count(*) AS contacts,
       round(sum(agent_interaction_duration_ms) / 60000, 1) AS talking_min,
       round(sum(agent_after_contact_work_duration_ms) / 60000, 1) AS after_contact_work_min
FROM contact_record GROUP BY ALL ORDER BY agent"""

CORRECTED = """SELECT stream, count(*) AS versions, count(DISTINCT (key_hi, key_lo)) AS records
FROM record_version GROUP BY ALL ORDER BY stream"""


def say(sentence: str) -> None:
    """A heading of the tour."""
    print(f"\n── {sentence}", flush=True)


def run(*arguments: str) -> None:
    """Show a command and its output."""
    shown = shlex.join([str(COMMAND), *arguments]) if "\n" not in arguments[-1] else ""
    print("\n$ " + (shown or f'{COMMAND} {shlex.join(arguments[:-1])} "{arguments[-1]}"'), flush=True)
    subprocess.run([HERE / COMMAND, *arguments], cwd=HERE, check=True)


def main() -> None:
    """The whole tour."""
    shutil.rmtree(HERE / DEMO, ignore_errors=True)
    write_streams(HERE / DEMO / "streams")
    lake = ("--lake", str(DEMO / "lake"))
    say("A morning's streams are in demo/streams, with copies, corrections and damage. Take them in.")
    run("ingest", *lake, str(DEMO / "streams"))
    say("Every record is accounted for. Taking the same files in again changes nothing.")
    run("ingest", *lake, str(DEMO / "streams"))
    say("What could not become a row is kept with its exact bytes and the reason.")
    run("quarantine", "list", *lake, "--format", "csv")
    say("How long did customers wait?")
    run("query", *lake, WAITS)
    say("Who did what?")
    run("query", *lake, HANDLING)
    say("Contact records are delivered again when they change. The table has the newest; the history is kept.")
    run("query", *lake, CORRECTED)
    print(f"""
── Try next

{COMMAND} status --lake demo/lake
{COMMAND} describe contact_record
{COMMAND} query --lake demo/lake "SELECT * FROM agent_event LIMIT 3" --format json
{COMMAND} ingest --lake lake YOUR-OWN-FILES

README.md has a tour, docs/data-dictionary.md every column, docs/engines.md how other engines read the same tables.""")


if __name__ == "__main__":
    main()
