"""The views that give ids their names, so that a person can read a result: each the .sql file of its name."""

from __future__ import annotations

from importlib.resources import files

NAMED = ("agent_statistic_record_named", "agent_queue_statistic_record_named")
"""The views there are."""


def named_views(sql: str) -> tuple[tuple[str, str], ...]:
    """Name and query of the views that a query's text names; the others need not be made."""
    folder = files(__package__)
    text = sql.lower()
    return tuple((n, folder.joinpath(f"{n}.sql").read_text(encoding="utf-8")) for n in NAMED if n in text)
