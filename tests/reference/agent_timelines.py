"""Timelines of one agent in plain Python: sections 1 to 4 and the attempts of section 6 of the statistics rules.

The first half of the oracle (``agent_statistics`` is the other): loops and dictionaries only, nothing is shared with
the product. Events are dictionaries with the columns of ``agent_event``; timestamps are integer microseconds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

HIERARCHY = [f"current_agent_hierarchy_groups_level_{n}_arn" for n in range(1, 6)]
AGENT_INITIATED = {"OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY"}
CONFIG_ARNS = ["agent_routing_profile_arn", *(f"agent_hierarchy_level_{n}_arn" for n in range(1, 6))]
CONFIG_IDS = ["routing_profile_id", *(f"agent_hierarchy_level_{n}_id" for n in range(1, 6))]


@dataclass(frozen=True)
class Rules:
    interval_minutes: int = 15
    max_silence_ms: int = 600_000
    idle_includes_ringing: bool = False
    contacts_handled: str = "all"


# ---------------------------------------------------------------- section 1 and 2: identity, order, evidence


def cut(us):
    return None if us is None else us // 1000


def segment_after(word, arn):
    """The segment after ``word/`` in an ARN."""
    parts = (arn or "").split("/")
    for n, part in enumerate(parts[:-1]):
        if part.split(":")[-1] == word and parts[n + 1]:
            return parts[n + 1]
    return None


def last_segment(arn):
    return (arn or "").split("/")[-1] or None


def queue_of(arn):
    parts = (arn or "").split("/")
    words = [part.split(":")[-1] for part in parts]
    if "queue" not in words:
        return None, None
    rest = parts[words.index("queue") + 1 :]
    if len(rest) >= 2 and rest[0] == "agent" and rest[1]:
        return rest[1], "AGENT"
    return (rest[0], "STANDARD") if rest and rest[0] else (None, None)


def status_type(kind, name):
    if kind in ("ROUTABLE", "CUSTOM", "OFFLINE"):
        return kind
    return {"Available": "ROUTABLE", "Offline": "OFFLINE"}.get(name, "CUSTOM")


def read_status(event, side):
    arn, name = event[f"{side}_agent_status_arn"] or None, event[f"{side}_agent_status_name"] or None
    if arn is None and name is None:
        return None
    return {
        "id": arn if arn is not None else name,
        "start": cut(event[f"{side}_agent_status_start_timestamp"]),
        "arn": arn,
        "name": name,
        "type": status_type(event[f"{side}_agent_status_type"], name),
    }


def read_contacts(entries):
    """By ContactId; without MONITOR, without contacts that have no id; the latest of duplicates."""
    found = {}
    for entry in entries or []:
        if entry is None or not entry["contact_id"] or entry["initiation_method"] == "MONITOR":
            continue
        start = cut(entry["state_start_timestamp"])
        former = found.get(entry["contact_id"])
        if former is not None and former["start"] is not None and (start is None or start < former["start"]):
            continue
        queue = (entry["queue"] or {}).get("arn") or None
        found[entry["contact_id"]] = {
            "state": entry["state"],
            "start": start,
            "connected_to_agent": entry["connected_to_agent_timestamp"] is not None,
            "method": entry["initiation_method"],
            "channel": "TASK" if entry["channel"] == "TASKS" else entry["channel"],
            "queue_arn": queue,
        }
    return found


def read_event(event):
    """The event as the rules see it, or None where it is no evidence."""
    user = segment_after("agent", event["agent_arn"])
    status = read_status(event, "current")
    if user is None or status is None:
        return None
    previous = read_status(event, "previous")
    arns = [event["current_routing_profile_arn"] or None, *(event[level] or None for level in HIERARCHY)]
    return {
        "agent": (event["instance_id"], user),
        "id": event["event_id"],
        "t": cut(event["event_timestamp"]),
        "kind": event["event_type"],
        "status": status,
        "contacts": read_contacts(event["current_contacts"]),
        "previous": previous,
        "previous_contacts": read_contacts(event["previous_contacts"]) if previous else {},
        "config": tuple(last_segment(arn) for arn in arns),
        "arns": dict(zip(CONFIG_ARNS, arns, strict=True)),
        "owner": {
            "aws_account_id": event["aws_account_id"],
            "instance_arn": event["instance_arn"],
            "user_arn": event["agent_arn"],
        },
    }


def snapshot(status, contacts):
    return (status["id"], status["start"], {(c, x["state"], x["start"]) for c, x in contacts.items()})


def absent_first(value):
    return () if value is None else (value,)


def newest_start(event):
    starts = [event["status"]["start"], *(c["start"] for c in event["contacts"].values())]
    return max(absent_first(start) for start in starts)


def in_order(events):
    """Section 2: one agent's events, ties by the chain of snapshots."""
    by_time = defaultdict(list)
    for event in events:
        by_time[event["t"]].append(event)
    placed = []
    for t in sorted(by_time):
        waiting = sorted(by_time[t], key=lambda e: (newest_start(e), e["id"]))
        while waiting:
            choice = waiting[0]
            if placed:
                before = snapshot(placed[-1]["status"], placed[-1]["contacts"])
                same = [e for e in waiting if snapshot(e["status"], e["contacts"]) == before]
                after = [
                    e for e in waiting if e["previous"] and snapshot(e["previous"], e["previous_contacts"]) == before
                ]
                choice = (same or after or waiting)[0]
            waiting.remove(choice)
            placed.append({**choice, "place": 1 + sum(e["t"] == t for e in placed)})
    return placed


# ---------------------------------------------------------------- section 3: status timeline


def clamp(start, low, high):
    return high if start is None else min(max(start, low), high)


def differs(a, b):
    return (a["id"], a["start"]) != (b["id"], b["start"])


def status_pieces(events, rules):
    """Pieces ``(gap, start, end, status, type, flags…)``; gap i lies between events i and i + 1."""
    pieces = []
    forced = fresh = False
    for i, event in enumerate(events):
        if i == 0:
            forced = event["kind"] == "LOGOUT"
            continue
        before, t0, t1 = events[i - 1], events[i - 1]["t"], event["t"]
        old, new, previous = before["status"], event["status"], event["previous"]
        changed = differs(old, new)
        boundary = point = clamp(new["start"], t0, t1) if changed else t1
        inserted = (
            changed
            and previous is not None
            and differs(previous, old)
            and previous["start"] is not None
            and t0 < previous["start"] < point
        )
        if inserted:
            boundary = previous["start"]
        confirmed = old["start"] is not None and any(s is not None and not differs(s, old) for s in (new, previous))
        kind = "OFFLINE" if forced else old["type"]
        silent = boundary - t0 > rules.max_silence_ms and kind != "OFFLINE" and not confirmed
        known_to = t0 + rules.max_silence_ms if silent else boundary
        common = {"gap": i - 1, "repaired": False, "silent": False, "forced": False, "opened": before["id"],
                  "closed": event["id"]}  # fmt: skip
        own = {**common, "fresh": fresh, "status": old, "type": kind, "forced": forced, "silent": silent}
        pieces.append({**own, "start": t0, "end": known_to})
        if silent:
            pieces.append({**common, "start": known_to, "end": boundary, "status": None, "type": None, "silent": True})
        common["opened"] = event["id"]
        if inserted:
            pieces.append({**common, "start": boundary, "end": point, "status": previous, "type": previous["type"],
                           "repaired": True})  # fmt: skip
        if event["kind"] in ("LOGIN", "LOGOUT"):
            forced = event["kind"] == "LOGOUT"
        elif changed:
            forced = False
        fresh = event["kind"] in ("LOGIN", "LOGOUT") and not changed  # a span does not run on through these
        if changed:
            pieces.append({**common, "start": point, "end": t1, "status": new, "forced": forced,
                           "type": "OFFLINE" if forced else new["type"]})  # fmt: skip
    return [p for p in pieces if p["end"] > p["start"]]


# ---------------------------------------------------------------- sections 3, 4: contact timelines


def state_class(state, method):
    if state in ("CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "ENDED"):
        return "HANDLING"
    if state == "CONNECTING":
        return "DIALLING" if method in AGENT_INITIATED or method == "CALLBACK" else "RINGING"
    if state in ("INCOMING", "PENDING"):
        return "RINGING"
    return "FAILED" if state in ("MISSED", "REJECTED", "ERROR") else None


def add_state(appearance, entry, start):
    kind = state_class(entry["state"], appearance["method"])
    appearance["states"].append(
        {
            "entry": entry,
            "start": start,
            "class": kind,
            "connected": kind == "HANDLING" and (entry["state"] == "CONNECTED" or entry["connected_to_agent"]),
            "pieces": [],
        }
    )


def contact_step(live, contact, before, event, rules, gap):
    """What happens to one contact between two neighbouring events."""
    t0, t1 = before["t"], event["t"]
    old, new, seen = before["contacts"].get(contact), event["contacts"].get(contact), event["previous_contacts"].get(
        contact
    )  # fmt: skip

    def key(entry):
        return None if entry is None else (entry["state"], entry["start"])

    still = old is not None and new is not None and key(old) == key(new)
    point = clamp(new["start"], t0, t1) if new is not None and not still else t1
    inserted = (
        seen is not None
        and not still
        and key(seen) not in (key(old), key(new))
        and seen["start"] is not None
        and t0 < seen["start"] < point
    )
    base = {"gap": gap, "opened": event["id"], "closed": event["id"], "known": True, "repaired": False, "silent": False}
    if old is not None:
        pieces = live[contact]["states"][-1]["pieces"]
        boundary = seen["start"] if inserted else point
        confirmed = old["start"] is not None and key(old) in (key(new), key(seen))
        silent = boundary - t0 > rules.max_silence_ms and not confirmed
        known_to = t0 + rules.max_silence_ms if silent else boundary
        own = {**base, "opened": before["id"], "entry": old, "silent": silent}
        pieces.append({**own, "start": t0, "end": known_to})
        if silent:
            pieces.append({**own, "start": known_to, "end": boundary, "known": False})
    elif inserted or new is not None:
        first = seen if inserted else new
        live[contact] = {"contact": contact, "method": first["method"], "states": [], "end": None,
                         "appeared": event}  # fmt: skip
    else:
        return
    if inserted:
        add_state(live[contact], seen, seen["start"])
        piece = {**base, "entry": seen, "start": seen["start"], "end": point, "repaired": True}
        live[contact]["states"][-1]["pieces"].append(piece)
    if new is not None and not still:
        add_state(live[contact], new, point)
        live[contact]["states"][-1]["pieces"].append({**base, "entry": new, "start": point, "end": t1})
    if new is None:
        live[contact]["end"] = t1


def appearances(events, rules):
    """All appearances of contacts with one agent, each with its states; ``end`` None: there at the last event."""
    live, done = {}, []
    for i, event in enumerate(events):
        if i == 0:
            for contact, entry in event["contacts"].items():
                live[contact] = {"contact": contact, "method": entry["method"], "states": [], "end": None,
                                 "appeared": event}  # fmt: skip
                add_state(live[contact], entry, event["t"])
            continue
        before = events[i - 1]
        for contact in sorted({*before["contacts"], *event["contacts"], *event["previous_contacts"]}):
            contact_step(live, contact, before, event, rules, i - 1)
            if contact in live and live[contact]["end"] is not None:
                done.append(live.pop(contact))
    for appearance in done + list(live.values()):
        for n, state in enumerate(appearance["states"], start=1):
            state["number"] = n
    return done + list(live.values())


# ---------------------------------------------------------------- section 6: attempts


def attempts_of(appearance):
    """Attempts: start, end (None: open), answered, how it ended, and the states that count for connecting time."""
    states, found = appearance["states"], []
    first = states[0]
    if first["class"] in ("HANDLING", "FAILED"):
        found.append(
            {
                "start": first["start"],
                "end": first["start"],
                "entry": first["entry"],
                "outcome": "ANSWERED" if first["class"] == "HANDLING" else "NON_RESPONSE",
                "states": [],
            }
        )
    n = 0
    while n < len(states):
        if states[n]["class"] not in ("RINGING", "DIALLING"):
            n += 1
            continue
        run = []
        while n < len(states) and states[n]["class"] in ("RINGING", "DIALLING"):
            run.append(states[n])
            n += 1
        following = states[n] if n < len(states) else None
        end = following["start"] if following else appearance["end"]
        last = run[-1]["class"]
        if following and following["class"] == "HANDLING" and (last == "RINGING" or following["connected"]):
            outcome = "ANSWERED"
        elif end is None:
            outcome = "OPEN"
        else:
            outcome = "NON_RESPONSE" if last == "RINGING" else "NOT_PICKED_UP"
        found.append(
            {"start": run[0]["start"], "end": end, "entry": run[0]["entry"], "outcome": outcome, "states": run}
        )
    return found
