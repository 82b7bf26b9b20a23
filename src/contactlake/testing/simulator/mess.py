"""Mess, on request and reproducible: what goes wrong between the vendor and a reader, and an exact account of it.

Owns which documents are lost, repeated, late, out of order, updated or broken. Every broken piece stands between line
breaks, is unlike every other, and is no copy: it is one quarantined record, no more and no less.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from contactlake.testing.simulator.chance import between, pick, uuid4
from contactlake.testing.simulator.clock import DAY, MINUTE, SECOND, iso_seconds
from contactlake.testing.simulator.delivery import BROKEN, FINAL

if TYPE_CHECKING:
    from contactlake.testing.simulator.delivery import Delivery, Entry

REASONS = {
    "truncated": "truncated", "nan": "invalid_json", "trailing_comma": "invalid_json", "duplicate_key": "duplicate_key",
    "invalid_utf8": "invalid_unicode", "lone_surrogate": "invalid_unicode", "wrong_date": "bad_value",
    "no_key": "no_key", "no_event_time": "no_event_time", "not_an_object": "not_an_object",
    "unknown_stream": "unknown_stream", "beyond_64_bits": "bad_value", "fraction": "bad_value",
}  # fmt: skip
"""What is broken, and the reason by which a reader should refuse it (``truncated`` may also be called invalid_json)."""
_KEY = {"agent-events": "EventId", "contact-records": "ContactId"}
_TIME = {"agent-events": "EventTimestamp", "contact-records": "InitiationTimestamp"}


def break_document(stream: str, kind: str, text: str, rng: Random) -> str:
    """A copy of the document that is broken in this way."""
    key, time = _KEY[stream], _TIME[stream]
    rest = text[1:]
    match kind:
        case "truncated":
            nested = text.find('"Contacts":[') if stream == "agent-events" else len(text) // 2
            return text[: between(rng, 60, max(61, nested - 1))]
        case "nan":
            return '{"Score":NaN,' + rest
        case "trailing_comma":
            return text[:-1] + ",}"
        case "duplicate_key":
            return '{"AWSAccountId":"000000000000",' + rest
        case "invalid_utf8":
            return '{"Note":"\udcff\udcfe",' + rest
        case "lone_surrogate":
            return '{"Note":"\\ud800",' + rest
        case "wrong_date":
            return _last(text, time, f'"{time}":"2024-02-30T10:00:00.{between(rng, 0, 999):03}Z"')
        case "no_key":
            return _last(text, key, f'"Was":"{uuid4(rng)}"')
        case "no_event_time":
            return _last(text, time, f'"{time}":null')
        case "not_an_object":
            return f'"{uuid4(rng)}"'
        case "beyond_64_bits":
            return re.sub(r'"AgentConnectionAttempts":\d+', '"AgentConnectionAttempts":9223372036854775808', text)
        case "fraction":
            return re.sub(r'"AgentConnectionAttempts":\d+', '"AgentConnectionAttempts":1.7', text)
    return f'{{"Note":"{uuid4(rng)}","Of":"no known stream"}}'


def _last(text: str, name: str, by: str) -> str:
    """Replace the top-level field of this name: in both streams the last one so named (nested ones come before)."""
    found = list(re.finditer(f'"{name}":"[^"]*"', text))[-1]
    return text[: found.start()] + by + text[found.end() :]


class Mess:
    """What goes wrong in one stream of one centre."""

    def __init__(self, stream: str, rng: Random) -> None:
        self.counts = dict.fromkeys(("lost", "duplicates", "late", "reordered", "updates", "malformed"), 0)
        self.kinds: dict[str, int] = {}
        self._stream, self._rng = stream, rng
        self._lossy = stream == "agent-events"
        self._breakable = stream in _KEY
        numeric = ("beyond_64_bits", "fraction") if stream != "contact-records" else ()
        self._ways = tuple(kind for kind in REASONS if kind not in numeric)

    def stir(self, delivery: Delivery, entry: Entry) -> None:
        """Put a fresh document back as it will arrive: now, later, twice, changed, or never."""
        rng, (at, _, text, _) = self._rng, entry
        chance = rng.random()
        if chance < 0.002 and self._lossy:
            self.counts["lost"] += 1
            return
        if chance < 0.006:
            self.counts["late"] += 1
            at += between(rng, 5 * MINUTE, 6 * 60 * MINUTE if rng.random() < 0.8 else 2 * DAY)
        elif chance < 0.02:
            self.counts["reordered"] += 1
            at += between(rng, SECOND, 4 * MINUTE)
        delivery.put(at, text, FINAL)
        if rng.random() < 0.006:
            self.counts["duplicates"] += 1
            delivery.put(at + between(rng, 0, 30 * MINUTE if rng.random() < 0.9 else DAY), text, FINAL)
        if self._stream == "contact-records" and rng.random() < 0.05:
            self._update(delivery, at, text)
        if self._breakable and rng.random() < 0.003:
            kind = pick(rng, self._ways)
            self.counts["malformed"] += 1
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            delivery.put(at + between(rng, 0, MINUTE), break_document(self._stream, kind, text, rng), BROKEN)

    def _update(self, delivery: Delivery, at: int, text: str) -> None:
        """The same contact's record again, whole, newer and with an attribute more."""
        self.counts["updates"] += 1
        at += between(self._rng, 2 * MINUTE, 2 * DAY)
        text = _last(text, "LastUpdateTimestamp", f'"LastUpdateTimestamp":"{iso_seconds(at)}"')
        mark = f'"Attributes":{{"survey":"{between(self._rng, 1, 5)}",'
        delivery.put(at + 5 * SECOND, text.replace('"Attributes":{', mark, 1), FINAL)
