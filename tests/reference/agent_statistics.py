"""The agent statistics in plain Python: an independent reading of the statistics rules, loops and dictionaries only.

``derive(events, rules, numbers)`` takes agent events as dictionaries (the columns of ``agent_event``; timestamps are
integer microseconds) and gives the spans, the numbers of custom statuses and the rows of both statistic tables (times
as milliseconds). It is the oracle of the SQL: nothing here is clever, nothing is shared with the product.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict

from tests.reference.agent_timelines import (
    AGENT_INITIATED,
    CONFIG_ARNS,
    CONFIG_IDS,
    Rules,
    absent_first,
    appearances,
    attempts_of,
    in_order,
    queue_of,
    read_event,
    status_pieces,
)

ATTEMPT_KINDS = {
    **dict.fromkeys(("INBOUND", "TRANSFER", "QUEUE_TRANSFER"), "incoming"),
    **dict.fromkeys(AGENT_INITIATED, "outbound"),
    "CALLBACK": "callback",
}
ARNS = ["aws_account_id", "instance_arn", "user_arn", *CONFIG_ARNS]
QUEUE_MEASURES = [
    "agent_non_response", "contacts_offered", "contacts_handled", "handle_time", "agent_incoming_connecting_time",
    "agent_outbound_connecting_time", "agent_callback_connecting_time", "agent_api_connecting_time",
    "incoming_connecting_attempts", "outbound_connecting_attempts", "callback_connecting_attempts",
    "api_connecting_attempts", "contact_time_ms",
]  # fmt: skip
AGENT_MEASURES = [
    "online_time", "error_time", "non_productive_time", "agent_idle_time", "agent_on_contact_time",
    *(f"custom_state_time_{n:02}" for n in range(1, 51)),
]  # fmt: skip


def stable_id(*grain):
    text = "|".join("-" if v is None else f"{len(str(v))}:{v}" for v in grain)
    return hashlib.md5(text.encode()).hexdigest()


def derive(rows, rules=Rules(), numbers=None):  # noqa: B008
    events = [e for e in map(read_event, rows) if e is not None]
    agents = defaultdict(list)
    for event in events:
        agents[event["agent"]].append(event)
    statuses = number_statuses(events, numbers or [])
    number_of = {(s["instance_id"], s["status_id"]): s["number"] for s in statuses}
    result = {"agent_status": statuses, "status_spans": [], "contact_spans": [], "attempts": []}
    result.update(agent_statistic_record=[], agent_queue_statistic_record=[])
    for agent, unordered in sorted(agents.items()):
        ordered = in_order(unordered)
        status, contacts = status_pieces(ordered, rules), appearances(ordered, rules)
        result["status_spans"] += status_spans(agent, ordered, status)
        result["contact_spans"] += contact_spans(agent, ordered, contacts)
        result["agent_statistic_record"] += agent_rows(agent, ordered, status, contacts, rules, number_of)
        result["agent_queue_statistic_record"] += queue_rows(agent, ordered, status, contacts, rules)
        result["attempts"] += [(agent, a["contact"], t) for a in contacts for t in attempts_of(a)]
    return result


# ---------------------------------------------------------------- section 7: numbers


def number_statuses(events, known):
    """``known``: rows that have a number already; they keep it."""
    found = {(row["instance_id"], row["status_id"]): dict(row) for row in known}
    new = {}
    for event in sorted(events, key=lambda e: e["t"]):
        for status in (event["status"], event["previous"]):
            if status is None or status["type"] != "CUSTOM":
                continue
            key = (event["agent"][0], status["id"])
            if key not in found:
                new.setdefault(key, {"instance_id": key[0], "status_id": key[1], "first_seen": event["t"]})
    for key in sorted(new, key=lambda k: (new[k]["first_seen"], k[1])):
        taken = [row["number"] for row in found.values() if row["instance_id"] == key[0]]
        found[key] = {**new[key], "number": max(taken, default=0) + 1}
    return list(found.values())


# ---------------------------------------------------------------- pieces of time


def config_at(events, moment):
    """The last event with ``t <= moment``."""
    return [e for e in events if e["t"] <= moment][-1]


def in_intervals(start, end, rules):
    """``(interval start, start, end)`` for every interval that ``[start, end)`` touches."""
    step = rules.interval_minutes * 60_000
    parts = []
    while start < end:
        interval = start // step * step
        stop = min(end, interval + step)
        parts.append((interval, start, stop))
        start = stop
    return parts


def segments(*many):
    """The time between all neighbouring bounds of these pieces."""
    bounds = sorted({b for pieces in many for p in pieces for b in (p["start"], p["end"])})
    return list(itertools.pairwise(bounds))


def known_pieces(contacts):
    return [{**p, "class": s["class"]} for a in contacts for s in a["states"] for p in s["pieces"] if p["known"]]


def covering(pieces, start, end):
    return [p for p in pieces if p["start"] <= start and p["end"] >= end]


def frame(agent, event, interval, rules):
    return {
        "instance_id": agent[0],
        "user_id": agent[1],
        **dict(zip(CONFIG_IDS, event["config"], strict=True)),
        "interval_start_time": interval,
        "interval_end_time": interval + rules.interval_minutes * 60_000,
        "published_date": interval,
    }


def add_arns(row, event):
    """The ARNs behind the ids; of several combinations the greatest, absent first."""
    given = {**event["owner"], **event["arns"]}
    if ARNS[0] not in row or [absent_first(row[n]) for n in ARNS] < [absent_first(given[n]) for n in ARNS]:
        row.update({name: given[name] for name in ARNS})


# ---------------------------------------------------------------- section 5


def agent_rows(agent, events, status, contacts, rules, number_of):
    """``agent_statistic_record`` of one agent."""
    rows, held = {}, defaultdict(lambda: defaultdict(lambda: [0, 0, None, None]))
    known = known_pieces(contacts)
    gaps = [{"start": a["t"], "end": b["t"]} for a, b in itertools.pairwise(events)]
    bounds = [{"start": s, "end": e} for s, e in segments(status, known, gaps)]
    for piece in bounds:
        now = config_at(events, piece["start"])
        holding = covering([p for p in status if p["status"]], piece["start"], piece["end"])
        classes = [p["class"] for p in covering(known, piece["start"], piece["end"])]
        for interval, start, end in in_intervals(piece["start"], piece["end"], rules):
            key = (interval, now["config"])
            if key not in rows:
                rows[key] = {**frame(agent, now, interval, rules), **dict.fromkeys(AGENT_MEASURES, 0)}
            row, length = rows[key], end - start
            if holding or "FAILED" in classes:
                add_arns(row, now)
            row["error_time"] += length * classes.count("FAILED")
            if holding:
                count_status(row, holding[0], classes, length, rules, number_of)
                total = held[key][holding[0]["status"]["id"]]
                total[0] += length
                total[1:] = [end, holding[0]["status"]["arn"], holding[0]["status"]["name"]]
    result = []
    for key, row in rows.items():
        if not any(row[m] > 0 for m in AGENT_MEASURES):
            continue
        best = max(held[key].values(), key=lambda h: (h[0], h[1]), default=[0, 0, None, None])
        row["agent_status_arn"], row["agent_status_name"] = best[2], best[3]
        row["agent_status_time_ms"] = row["online_time"]
        ids = [row[c] for c in CONFIG_IDS]
        times = (row["interval_start_time"], row["interval_end_time"])
        result.append({**row, "asr_statistic_id": stable_id(*agent, *ids, *times)})
    return result


def count_status(row, piece, classes, length, rules, number_of):
    if piece["type"] == "OFFLINE":
        return
    row["online_time"] += length
    if piece["type"] == "CUSTOM":
        row["non_productive_time"] += length
        number = number_of[(row["instance_id"], piece["status"]["id"])]
        if number <= 50:
            row[f"custom_state_time_{number:02}"] += length
        return
    if "HANDLING" in classes or "DIALLING" in classes:
        row["agent_on_contact_time"] += length
    elif "RINGING" not in classes or "FAILED" in classes or rules.idle_includes_ringing:
        row["agent_idle_time"] += length


# ---------------------------------------------------------------- section 6


def queue_rows(agent, events, status, contacts, rules):
    """``agent_queue_statistic_record`` of one agent."""
    rows = {}

    def add(measure, moment, entry, amount=1):
        now = config_at(events, moment)
        interval = in_intervals(moment, moment + 1, rules)[0][0]
        queue, kind = queue_of(entry["queue_arn"])
        key = (interval, now["config"], queue, kind, entry["channel"])
        if key not in rows:
            rows[key] = {
                **frame(agent, now, interval, rules),
                **dict.fromkeys(QUEUE_MEASURES, 0),
                "queue_id": queue,
                "queue_type": kind,
                "channel": entry["channel"],
                "queue_arn": None,
                "agent_non_response_without_customer_abandons": None,
            }
        add_arns(rows[key], now)
        arns = [a for a in (rows[key]["queue_arn"], entry["queue_arn"]) if a is not None]
        rows[key]["queue_arn"] = max(arns, default=None)
        rows[key][measure] += amount

    def add_time(measure, piece, entry):
        for _, start, end in in_intervals(piece["start"], piece["end"], rules):
            add(measure, start, entry, end - start)

    for appearance in contacts:
        for attempt in attempts_of(appearance):
            count_attempt(attempt, add, add_time)
        for state in appearance["states"]:
            for piece in state["pieces"]:
                if state["class"] == "HANDLING" and piece["known"]:
                    add_time("handle_time", piece, piece["entry"])
    count_handled(contacts, add, rules)
    count_contact_time(status, contacts, add_time)
    result = []
    for row in rows.values():
        if any(row[m] > 0 for m in QUEUE_MEASURES):
            times = (row["interval_start_time"], row["interval_end_time"])
            queue = (row["queue_id"], row["queue_type"], row["channel"])
            result.append(
                {**row, "aqsr_statistic_id": stable_id(*agent, *(row[c] for c in CONFIG_IDS), *queue, *times)}
            )
    return result


def count_attempt(attempt, add, add_time):
    entry = attempt["entry"]
    kind = ATTEMPT_KINDS.get(entry["method"], "api")
    routed = kind != "outbound"
    if routed:
        add("contacts_offered", attempt["start"], entry)
    if routed and attempt["outcome"] == "NON_RESPONSE":
        add("agent_non_response", attempt["end"], entry)
    if kind != "callback":
        add(f"{kind}_connecting_attempts", attempt["start"], entry)
    elif attempt["outcome"] == "NOT_PICKED_UP":
        add("callback_connecting_attempts", attempt["end"], entry)
    for state in attempt["states"]:
        for piece in state["pieces"]:
            if piece["known"]:
                add_time(f"agent_{kind}_connecting_time", piece, entry)


def count_handled(contacts, add, rules):
    first = {}
    for appearance in contacts:
        for state in appearance["states"]:
            former = first.get(appearance["contact"])
            if state["connected"] and (former is None or state["start"] < former["start"]):
                first[appearance["contact"]] = state
    for state in first.values():
        if rules.contacts_handled == "all" or state["entry"]["method"] not in AGENT_INITIATED:
            add("contacts_handled", state["start"], state["entry"])


def count_contact_time(status, contacts, add_time):
    routable = [p for p in status if p["type"] == "ROUTABLE"]
    handling = [p for p in known_pieces(contacts) if p["class"] == "HANDLING"]
    for start, end in segments(routable, handling):
        if not covering(routable, start, end):
            continue
        seen = {}
        for piece in covering(handling, start, end):
            entry = piece["entry"]
            seen.setdefault((queue_of(entry["queue_arn"]), entry["channel"]), entry)
        for entry in seen.values():
            add_time("contact_time_ms", {"start": start, "end": end}, entry)


# ---------------------------------------------------------------- spans: neighbouring pieces of one kind, joined


def joined(pieces, same):
    """Joins piece to piece where one begins as the other ends and ``same`` holds."""
    result = []
    for piece in pieces:
        last = result[-1] if result else None
        if last and not last["silent"] and not piece.get("fresh") and same(last) == same(piece):
            result[-1] = {**last, "end": piece["end"], "closed": piece["closed"], "silent": piece["silent"]}
        else:
            result.append(dict(piece))
    return result


def span(agent, event, piece):
    return {
        "instance_id": agent[0],
        "user_id": agent[1],
        "start_time": piece["start"],
        "end_time": piece["end"],
        "opened_by": piece["opened"],
        "closed_by": piece["closed"],
        "repaired": piece["repaired"],
        "cut_by_silence": piece["silent"],
        **dict(zip(CONFIG_IDS, event["config"], strict=True)),
        **event["arns"],
        **event["owner"],
    }


def settings_of(event):
    return (event["config"], event["arns"], event["owner"])


def status_spans(agent, events, pieces):
    def same(piece):
        status = piece["status"]
        return (status, piece["type"], piece["repaired"], piece["forced"], settings_of(events[piece["gap"]]))

    rows = []
    for piece in joined(pieces, same):
        status = piece["status"] or dict.fromkeys(("id", "arn", "name", "start"))
        rows.append(
            {
                **span(agent, events[piece["gap"]], piece),
                "known": piece["status"] is not None,
                "status_id": status["id"],
                "status_arn": status["arn"],
                "status_name": status["name"],
                "status_type": piece["type"],
                "status_start_time": status["start"],
                "forced_offline": piece["forced"],
            }
        )
    return rows


def face(piece):
    return [piece["entry"][n] for n in ("queue_arn", "channel", "method")]


def contact_spans(agent, events, contacts):
    rows = []
    last = events[-1]
    for appearance in contacts:
        for state in appearance["states"]:
            at_the_end = {"start": last["t"], "end": last["t"], "opened": last["id"], "closed": last["id"],
                          "gap": len(events) - 1, "entry": state["entry"], "known": True, "repaired": False,
                          "silent": False}  # fmt: skip
            first = (state["pieces"] or [at_the_end])[0]
            pieces = [p for p in state["pieces"] if p["end"] > p["start"]]
            if not pieces or face(first) != face(pieces[0]):
                pieces = [first, *pieces]

            def same(piece):
                return (face(piece), piece["known"], piece["repaired"], settings_of(events[piece["gap"]]))

            for piece in joined(pieces, same):
                entry = piece["entry"]
                queue, kind = queue_of(entry["queue_arn"])
                rows.append(
                    {
                        **span(agent, events[piece["gap"]], piece),
                        "contact_id": appearance["contact"],
                        "appeared_by": appearance["appeared"]["id"],
                        "appeared_place": appearance["appeared"]["place"],
                        "state_number": state["number"],
                        "still_open": appearance["end"] is None and state is appearance["states"][-1],
                        "known": piece["known"],
                        "state": entry["state"],
                        "state_start_time": entry["start"],
                        "state_class": state["class"],
                        "connected": state["connected"],
                        "initiation_method": entry["method"],
                        "channel": entry["channel"],
                        "queue_id": queue,
                        "queue_type": kind,
                        "queue_arn": entry["queue_arn"],
                    }
                )
    return rows
