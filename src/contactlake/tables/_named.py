"""The views there are besides the tables: ids with their names, and what is nested laid flat, for people to read."""

from __future__ import annotations

from contactlake.tables._analysis_views import ANALYSIS_VIEWS
from contactlake.tables._derived_columns import step_text

NAMED = (
    "_named_agent",
    "agent_statistic_record_named",
    "agent_queue_statistic_record_named",
    "contact_record_named",
    "contact_statistic_record_named",
    "agent_on_contact",
    "contact_journey",
)
"""The views that give ids their names, and those that tell what happened; `_named_agent` serves the others."""

VIEWS: dict[str, str] = {**dict(ANALYSIS_VIEWS), **{name: step_text(name) for name in NAMED}}
"""Every view's query by its name, each after those that it reads."""


def named_views(sql: str) -> tuple[tuple[str, str], ...]:
    """Name and query of the views that a query's text names, and of those that these read; others are not made."""
    text = sql.lower()
    found: list[tuple[str, str]] = []
    for name, query in reversed(VIEWS.items()):
        if name in text:
            found.append((name, query))
            text += query.lower()
    return tuple(reversed(found))
