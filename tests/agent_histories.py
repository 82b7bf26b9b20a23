"""Random messy histories of agent events: few ids, few instants, so that ties, returns and contradictions are common.

Two sources: ``chaos`` draws every field of every event from a small alphabet; ``plausible`` walks an agent through
statuses and contacts, then loses, delays and damages events. Timestamps are integer microseconds.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.reference.agent_timelines import Rules

BASE = 1_704_067_200_000_000 + 86_400_000_000 - 3_000_000  # three seconds before a midnight
SECOND = 1_000_000
STATES = ["CONNECTING", "CONNECTED", "CONNECTED_ONHOLD", "ENDED", "INCOMING", "PENDING", "PAUSED", "MISSED", "REJECTED",
          "ERROR", "NEW_STATE", None]  # fmt: skip
METHODS = ["INBOUND", "OUTBOUND", "CALLBACK", "TRANSFER", "QUEUE_TRANSFER", "API", "MONITOR", "AGENT_REPLY",
           "EXTERNAL_OUTBOUND", "FLOW", None]  # fmt: skip
CHANNELS = ["VOICE", "CHAT", "TASKS", "TASK", None]
QUEUES = [None, {"arn": None, "name": None}, *(
    {"arn": f"arn:aws:connect:r:1:instance/i/queue/{q}", "name": q} for q in ("q1", "q2", "agent/q1")
)]  # fmt: skip
STATUSES = [
    ("arn:s/1", "Available", "ROUTABLE"),
    ("arn:s/1", "Available", None),
    ("arn:s/2", "Offline", "OFFLINE"),
    ("arn:s/3", "Break", "CUSTOM"),
    ("arn:s/3", "Pause", "CUSTOM"),
    ("arn:s/4", "Lunch", "OTHER"),
    (None, "Available", None),
    (None, "Break", None),
    ("arn:s/5", None, None),
    (None, None, None),
]
HIERARCHY = [f"current_agent_hierarchy_groups_level_{n}_arn" for n in range(1, 6)]


def instants(span):
    """Instants around the history's beginning: mostly whole seconds, some between milliseconds, some absent."""
    whole = st.integers(0, span).map(lambda s: BASE + s * SECOND)
    fine = st.tuples(whole, st.sampled_from([0, 1, 999, 1_000, 1_500, 2_000])).map(sum)
    return st.one_of(whole, fine)


@st.composite
def contacts(draw, span, methods):
    made = []
    for _ in range(draw(st.integers(0, 3))):
        made.append(
            {
                "contact_id": draw(st.sampled_from(["c1", "c1", "c2", "c3", None])),
                "initial_contact_id": None,
                "channel": draw(st.sampled_from(CHANNELS)),
                "initiation_method": draw(st.sampled_from(methods)),
                "state": draw(st.sampled_from(STATES)),
                "state_start_timestamp": draw(st.none() | instants(span)),
                "connected_to_agent_timestamp": draw(st.sampled_from([None, BASE])),
                "queue_timestamp": None,
                "queue": draw(st.sampled_from(QUEUES)),
            }
        )
    return made if made else draw(st.sampled_from([made, made, made, None]))


def blank(number, instance, user, t):
    """An event without any snapshot."""
    event = {
        "instance_id": instance,
        "aws_account_id": "1",
        "instance_arn": f"arn:aws:connect:r:1:instance/{instance}",
        "agent_arn": f"arn:aws:connect:r:1:instance/{instance}/agent/{user}" if user else None,
        "event_id": f"e{number * 7 % 100:02}",
        "event_timestamp": t,
        "event_type": "STATE_CHANGE",
        "current_routing_profile_arn": None,
        "current_contacts": None,
        "previous_contacts": None,
    }
    event.update(dict.fromkeys(HIERARCHY))
    for side in ("current", "previous"):
        for part in ("arn", "name", "type", "start_timestamp"):
            event[f"{side}_agent_status_{part}"] = None
    return event


def set_status(event, side, status, start):
    arn, name, kind = status
    event[f"{side}_agent_status_arn"], event[f"{side}_agent_status_name"] = arn, name
    event[f"{side}_agent_status_type"], event[f"{side}_agent_status_start_timestamp"] = kind, start


def set_config(draw, event):
    profile = draw(st.sampled_from([None, "arn:x/rp/r1", "arn:x/rp/r1", "arn:y/rp/r1", "p/r2"]))
    event["current_routing_profile_arn"] = profile
    event[HIERARCHY[0]] = draw(st.sampled_from([None, None, "arn:g/h1", "arn:g/h2"]))
    event[HIERARCHY[4]] = draw(st.sampled_from([None, None, None, "arn:g/h1"]))
    event["aws_account_id"] = draw(st.sampled_from(["1", "1", "1", "2", None]))


@st.composite
def chaos(draw, most=9):
    """Every field of every event drawn on its own."""
    span = draw(st.sampled_from([3, 8, 60, 2_000]))
    alphabet = draw(st.sampled_from([STATUSES, STATUSES[:5], STATUSES[5:]]))
    methods = draw(st.sampled_from([METHODS, METHODS[:3], ["CALLBACK"], ["INBOUND"]]))
    stay = draw(st.booleans())
    events, last = [], {}
    for number in range(draw(st.integers(0, most))):
        instance, user = draw(st.sampled_from([("i", "u")] * 6 + [("i", "v"), ("j", "u"), ("i", None)]))
        event = blank(number, instance, user, draw(instants(span)))
        event["event_type"] = draw(st.sampled_from(["STATE_CHANGE", "HEART_BEAT", "LOGIN", "LOGOUT", None]))
        set_config(draw, event)
        for side in ("current", "previous"):
            if side == "previous" and draw(st.integers(0, 3)) == 0:
                continue
            set_status(event, side, draw(st.sampled_from(alphabet)), draw(st.none() | instants(span)))
            event[f"{side}_contacts"] = draw(contacts(span, methods))
        former = last.get(user)
        if former and stay:
            repeat(draw, event, former)
        last[user] = event
        events.append(event)
    return events


def repeat(draw, event, former):
    """Makes snapshots agree with those of the event drawn before, here and there."""
    if draw(st.booleans()):
        copy_status(event, "current", former)
    if draw(st.booleans()):
        event["current_contacts"] = former["current_contacts"]
    if draw(st.booleans()):
        copy_status(event, "previous", former)
        event["previous_contacts"] = former["current_contacts"]


def copy_status(event, side, former):
    for part in ("arn", "name", "type", "start_timestamp"):
        event[f"{side}_agent_status_{part}"] = former[f"current_agent_status_{part}"]


NEXT = {
    None: ["CONNECTING", "INCOMING", "CONNECTED", "MISSED", None, None],
    "INCOMING": ["CONNECTING", "MISSED", None],
    "CONNECTING": ["CONNECTED", "CONNECTED", "MISSED", "REJECTED", "ENDED", "ERROR", None],
    "CONNECTED": ["CONNECTED_ONHOLD", "ENDED", "CONNECTED", "PAUSED", None],
    "CONNECTED_ONHOLD": ["CONNECTED", "ENDED"],
    "PAUSED": ["CONNECTED", "ENDED"],
    "ENDED": [None, None, "CONNECTING"],
    "MISSED": [None, "CONNECTING"],
    "REJECTED": [None],
    "ERROR": [None],
}


@st.composite
def plausible(draw, most=16):
    """An agent's walk; then events are lost, shifted or bereft of a field."""
    gaps = draw(st.sampled_from([[0, 1, 2, 30], [0, 0, 1], [60, 120, 700], [1, 120, 400, 4_000, 90_000]]))
    shapes = {
        "initiation_method": draw(st.sampled_from([METHODS, ["CALLBACK"], ["INBOUND", "OUTBOUND"]])),
        "channel": draw(st.sampled_from([CHANNELS[:3], ["VOICE"]])),
        "queue": draw(st.sampled_from([QUEUES, QUEUES[2:3]])),
    }
    events, t, status, live, before = [], BASE, (draw(st.sampled_from(STATUSES[:3])), BASE), {}, None
    for number in range(draw(st.integers(1, most))):
        t += draw(st.sampled_from(gaps)) * SECOND + draw(st.sampled_from([0, 0, 0, 300]))
        at = t - draw(st.sampled_from([0, 0, 20_000, SECOND, -SECOND]))
        action = draw(st.sampled_from(["heartbeat", "status", "contact", "contact", "login", "logout", "config"]))
        live = dict(live)
        if action in ("status", "login", "logout") and draw(st.integers(0, 5)):
            status = (STATUSES[2] if action == "logout" else draw(st.sampled_from(STATUSES[:6])), at)
        if action == "heartbeat" and status[0] in STATUSES[3:5]:
            status = (draw(st.sampled_from(STATUSES[3:5])), status[1])
        if action == "contact":
            walk(draw, live, at, shapes)
        event = blank(number, "i", "u", t)
        kinds = {"heartbeat": "HEART_BEAT", "login": "LOGIN", "logout": "LOGOUT"}
        event["event_type"] = kinds.get(action, "STATE_CHANGE")
        event["current_routing_profile_arn"] = "arn/r2" if action == "config" else "arn/r1"
        set_status(event, "current", *status)
        event["current_contacts"] = list(live.values())
        if before:
            set_status(event, "previous", *before[0])
            event["previous_contacts"] = list(before[1].values())
        before = (status, live)
        events.append(event)
    lost = draw(st.sets(st.integers(0, most), max_size=4))
    return [e for n, e in enumerate(events) if n not in lost]


def walk(draw, live, at, shapes):
    """One contact moves on to its next state."""
    contact = draw(st.sampled_from(["c1", "c2", "c3"]))
    former = live.get(contact)
    state = draw(st.sampled_from(NEXT[former["state"] if former else None]))
    if state is None:
        live.pop(contact, None)
        return
    entry = former or {
        "contact_id": contact,
        "initial_contact_id": None,
        "queue_timestamp": None,
        "connected_to_agent_timestamp": None,
        **{part: draw(st.sampled_from(values)) for part, values in shapes.items()},
    }
    connected = entry["connected_to_agent_timestamp"] or (at if state == "CONNECTED" else None)
    live[contact] = {
        **entry,
        "state": state,
        "state_start_timestamp": at if draw(st.integers(0, 9)) else None,
        "connected_to_agent_timestamp": connected,
    }


TIMES = ["event_timestamp", "current_agent_status_start_timestamp", "previous_agent_status_start_timestamp"]


def shifted(event, by):
    """The same event, later."""
    moved = {**event, **{name: event[name] + by for name in TIMES if event[name] is not None}}
    for side in ("current_contacts", "previous_contacts"):
        moved[side] = event[side] and [
            {**c, "state_start_timestamp": c["state_start_timestamp"] and c["state_start_timestamp"] + by}
            for c in event[side]
        ]
    return moved


@st.composite
def shifts(draw):
    """Several walks one after the other, with logins, logouts and changes of status without any contact between."""
    events, t = [], BASE
    for _ in range(draw(st.integers(2, 4))):
        walk_events = [shifted(e, t - BASE) for e in draw(st.one_of(plausible(most=5), chaos(most=4)))]
        events += walk_events
        t = max([t, *(e["event_timestamp"] for e in walk_events)])
        for kind in draw(st.lists(st.sampled_from(["LOGIN", "LOGOUT", "STATE_CHANGE", "HEART_BEAT"]), max_size=3)):
            t += draw(st.sampled_from([0, 1, 40, 700, 4_000])) * SECOND
            event = blank(0, "i", "u", t)
            event["event_type"] = kind
            set_status(event, "current", draw(st.sampled_from(STATUSES[:4])), t - draw(st.sampled_from([0, SECOND])))
            events.append(event)
    return [{**e, "event_id": f"e{n * 7 % 100:02}"} for n, e in enumerate(events)]


@st.composite
def restless(draw):
    """Contacts whose method, channel and queue change on the way, often between events of the same millisecond."""
    chance = draw(st.randoms(use_true_random=False))
    shown = {"initiation_method": METHODS, "channel": CHANNELS, "queue": QUEUES}
    events = []
    for event in draw(st.one_of(plausible(most=8), chaos(most=5))):
        for _ in range(chance.choice([1, 1, 2, 3])):
            events.append({**event, "event_id": f"e{len(events) * 7 % 100:02}"})
            for side in ("current_contacts", "previous_contacts"):
                events[-1][side] = event[side] and [
                    {**c, **{name: chance.choice(values) for name, values in shown.items() if chance.random() < 0.2}}
                    for c in event[side]
                ]
    return events


def histories():
    """Any of the sources."""
    return st.one_of(chaos(), plausible(), shifts(), restless())


RULES = st.builds(
    Rules,
    interval_minutes=st.sampled_from([5, 10, 15, 30, 60]),
    max_silence_ms=st.sampled_from([600_000, 119_000, 60_000, 2_500, 1_000, 0]),
    idle_includes_ringing=st.booleans(),
    contacts_handled=st.sampled_from(["all", "routed"]),
)


def batches(examples, size, check, seed_value):
    """Runs ``check`` on batches of random histories."""
    waiting = []

    @seed(seed_value)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(), RULES)
    def collect(history, rules):
        waiting.append(history)
        if len(waiting) == size:
            check(list(waiting), rules)
            waiting.clear()

    collect()
