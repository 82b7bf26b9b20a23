"""Where ids of contacts stand."""

LOCATED: dict[str, tuple[str, ...]] = {
    "contact_record": (
        *("contact_id", "initial_contact_id", "previous_contact_id", "next_contact_id", "related_contact_id"),
    ),
    "contact_analysis": ("contact_id",),
    "contact_lens_conversational_analytics": ("contact_id",),
    "contact_evaluation": ("contact_id",),
}
"""Tables in which contacts are looked for by id whatever their day, and the columns in which such ids stand."""
