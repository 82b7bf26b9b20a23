"""The views over what analyses found: the analysis that counts of every contact, and what stands in it, laid flat."""

from __future__ import annotations

from contactlake.tables._derived_columns import step_text


def _told(column: str) -> str:
    """What a record tells, as JSON; a bare text is a JSON text."""
    text = f"r.{column}"
    return f"CASE WHEN JSON_VALID({text}) THEN CAST({text} AS JSON) ELSE TO_JSON({text}) END"


ANALYSIS_VIEWS: tuple[tuple[str, str], ...] = (
    ("contact_analysis_chosen", step_text("contact_analysis_chosen")),
    ("contact_turn", step_text("contact_turn")),
    ("contact_category", step_text("contact_category")),
    (
        "contact_finding",
        step_text("contact_finding", **{c: _told(c) for c in ("issues", "outcome_codes", "action_items")}),
    ),
    ("contact_summary", step_text("contact_summary")),
)
"""Name and query, each after those that it reads."""
