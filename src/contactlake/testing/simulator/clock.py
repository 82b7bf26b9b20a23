"""Time: whole milliseconds since 1970 in UTC, their spelling in documents, and the wall clocks of the centres.

Daylight saving is computed from the rules here and not from the machine's time zone files: same seed, same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"T{m // 60:02}:{m % 60:02}:" for m in range(1440))
_SECONDS = tuple(f"{s:02}" for s in range(60))
_MILLIS = tuple(f".{ms:03}Z" for ms in range(1000))


@lru_cache(maxsize=64)
def day_text(day: int) -> str:
    """``YYYY-MM-DD`` of a day number (days since 1970)."""
    return date.fromordinal(_EPOCH + day).isoformat()


def iso(ms: int) -> str:
    """``2025-03-03T09:15:02.123Z``, as agent events spell it."""
    second, rest = divmod(ms, 1000)
    minute, second = divmod(second, 60)
    day, minute = divmod(minute, 1440)
    return day_text(day) + _MINUTES[minute] + _SECONDS[second] + _MILLIS[rest]


def iso_seconds(ms: int) -> str:
    """``2025-03-03T09:15:02Z``, as contact records spell it: milliseconds are cut."""
    minute, second = divmod(ms // 1000, 60)
    day, minute = divmod(minute, 1440)
    return day_text(day) + _MINUTES[minute] + _SECONDS[second] + "Z"


def iso_old(ms: int) -> str:
    """The old agent events' spelling: the fraction repeats the seconds (``09:15:02.002Z``)."""
    minute, second = divmod(ms // 1000, 60)
    day, minute = divmod(minute, 1440)
    return day_text(day) + _MINUTES[minute] + _SECONDS[second] + _MILLIS[second]


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def weekday(day: int) -> int:
    """0 = Monday … 6 = Sunday."""
    return (day + 3) % 7


@lru_cache(maxsize=64)
def _sunday(year: int, month: int, nth: int) -> int:
    """Day number of the nth Sunday of a month; 0: the last one."""
    if nth:
        first = date(year, month, 1)
        return day_number(first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1)))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return day_number(last - timedelta(days=(last.weekday() + 1) % 7))


@dataclass(frozen=True)
class Zone:
    """A wall clock: hours ahead of UTC in winter, and the rule of its daylight saving (``us``, ``eu`` or none)."""

    name: str
    hours: int
    rule: str = ""

    def offset(self, utc: int) -> int:
        """Milliseconds that the wall clock is ahead of UTC at this instant."""
        standard = self.hours * HOUR
        year = date.fromordinal(_EPOCH + utc // DAY).year
        if self.rule == "us":
            begin = _sunday(year, 3, 2) * DAY + 2 * HOUR - standard
            end = _sunday(year, 11, 1) * DAY + HOUR - standard
        elif self.rule == "eu":
            begin, end = _sunday(year, 3, 0) * DAY + HOUR, _sunday(year, 10, 0) * DAY + HOUR
        else:
            return standard
        return standard + HOUR if begin <= utc < end else standard

    def utc(self, day: int, wall: int) -> int:
        """The instant at which the wall clock shows ``wall`` milliseconds after midnight of this day."""
        local = day * DAY + wall
        guess = local - self.offset(local - self.hours * HOUR)
        return local - self.offset(guess)


ZONES = (
    Zone("America/New_York", -5, "us"),
    Zone("Europe/Berlin", 1, "eu"),
    Zone("America/Los_Angeles", -8, "us"),
    Zone("Asia/Manila", 8),
)
"""The wall clocks of the centres, in turn."""
