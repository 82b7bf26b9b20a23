"""UTC days as numbers: days since 1970-01-01, the unit of partitions."""

from __future__ import annotations

from datetime import date, timedelta

_EPOCH = date(1970, 1, 1)


def day_text(day: int) -> str:
    """A day as ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def day_number(text: str) -> int:
    """``YYYY-MM-DD`` as days since 1970. Raises ``ValueError``."""
    return (date.fromisoformat(text) - _EPOCH).days
