"""contact_evaluation: every submitted evaluation form, with its sections and questions, as it was exported."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP, Array, Field, Take, Type, field, struct
from contactlake.tables._shapes import processed_at


def _field(name: str, type: Type = STRING, take: Take = Take.VALUE) -> Field:
    """The keys of this export begin with a small letter: ``section_ref_id`` is ``sectionRefId``."""
    head, *rest = name.split("_")
    return field(name, type, head + "".join(part.title() for part in rest), take)


SCORE = struct(
    _field("percentage", DOUBLE),
    _field("not_applicable", BOOLEAN),
    _field("automatic_fail", BOOLEAN),
)

SECTION = struct(
    _field("section_ref_id"),
    _field("section_title"),
    _field("parent_section_ref_id"),
    _field("notes"),
    _field("score", SCORE),
)

ANSWER = struct(
    _field("value", take=Take.JSON),
    _field("values", Array(struct(_field("value_text"), _field("value_ref_id"), _field("selected", BOOLEAN)))),
    _field("notes"),
    _field("metadata", struct(_field("not_applicable", BOOLEAN))),
)

QUESTION = struct(
    _field("question_ref_id"),
    _field("section_ref_id"),
    _field("question_type"),
    _field("question_text"),
    _field("answer", ANSWER),
    _field("score", SCORE),
)

CONTACT_EVALUATION = Table(
    name="contact_evaluation",
    doc=(
        "One row per evaluation of a contact: the form, who filled it in about whom, its scores, and all its sections "
        "and questions with their answers. Of an evaluation that was submitted again, the latest submission counts."
    ),
    columns=(
        Column(
            "instance_id",
            STRING,
            "metadata.instanceId",
            "Id of the Connect instance that the evaluated contact belongs to.",
            required=True,
        ),
        Column(
            "evaluation_id",
            STRING,
            "evaluationId",
            "Id of the evaluation; submitting it again keeps it.",
            required=True,
        ),
        Column("aws_account_id", STRING, "metadata.accountId", "AWS account of the exported evaluation."),
        Column("schema_version", STRING, "schemaVersion", "Version of the evaluation export's format."),
        Column("contact_id", STRING, "metadata.contactId", "Id of the contact that the form is about."),
        Column("agent_id", STRING, "metadata.agentId", "Id of the agent whom the form is about."),
        Column(
            "evaluator", STRING, "metadata.evaluator", "Who filled the form in, by login name or ARN.", sensitive=True
        ),
        Column("evaluation_definition_id", STRING, "metadata.evaluationDefinitionId", "Id of the form."),
        Column("evaluation_definition_title", STRING, "metadata.evaluationDefinitionTitle", "Title of the form."),
        Column(
            "evaluation_definition_version",
            BIGINT,
            "metadata.evaluationDefinitionVersion",
            "Which version of the form it is.",
        ),
        Column(
            "evaluation_start_timestamp",
            TIMESTAMP,
            "metadata.evaluationStartTimestamp",
            "When the evaluator began with the form.",
        ),
        Column(
            "evaluation_submit_timestamp",
            TIMESTAMP,
            "metadata.evaluationSubmitTimestamp",
            "When the form was submitted, the latest time; its UTC day is the partition.",
            required=True,
        ),
        Column("score_percentage", DOUBLE, "metadata.score.percentage", "Score of the whole form.", unit="%"),
        Column("score_not_applicable", BOOLEAN, "metadata.score.notApplicable", "Whether the whole form has no score."),
        Column(
            "score_automatic_fail",
            BOOLEAN,
            "metadata.score.automaticFail",
            "Whether one answer made the whole form fail.",
        ),
        Column("sections", Array(SECTION), "sections", "Sections of the form, with notes and scores."),
        Column(
            "questions",
            Array(QUESTION),
            "questions",
            "Questions of the form, with their answers and scores. An answer that is no text is compact JSON.",
            sensitive=True,
        ),
        processed_at("exported evaluation"),
    ),
    primary_key=("instance_id", "evaluation_id"),
    partition_by="evaluation_submit_timestamp",
    age_column="evaluation_submit_timestamp",
    ours=True,
)
