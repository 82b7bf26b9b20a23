"""Contact evaluations: a filled-in evaluation form about one contact, one document per submission."""

from contactlake.model.stream import Stream

CONTACT_EVALUATIONS = Stream(
    name="contact-evaluations",
    table="contact_evaluation",
    marks=(
        frozenset({"evaluationId", "metadata"}),
        frozenset({"evaluationId", "questions"}),
        frozenset({"evaluationId", "schemaVersion"}),
    ),
    event_time="evaluation_submit_timestamp",
    version="evaluation_submit_timestamp",
)
