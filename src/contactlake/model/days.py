"""UTC days as numbers: days since 1970-01-01, the unit of partitions."""

from __future__ import annotations

from datetime import date, timedelta

_EPOCH = date(1970, 1, 1)


DAY_US = 86_400_000_000
"""The length of a day in microseconds."""


def sql_day(microseconds: str) -> str:
    """The day that an instant is on, in SQL: ``microseconds`` is an expression for those since 1970.

    Whole numbers throughout: a quotient of doubles rounds an instant just before midnight up to the next day.
    """
    return f"((({microseconds}) - ((({microseconds}) % {DAY_US}) + {DAY_US}) % {DAY_US}) // {DAY_US})"


def day_text(day: int) -> str:
    """A day as ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def day_number(text: str) -> int:
    """``YYYY-MM-DD`` as days since 1970. Raises ``ValueError``."""
    return (date.fromisoformat(text) - _EPOCH).days
