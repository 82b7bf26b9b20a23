"""contact_evaluation_record: evaluations of contacts by form, section and question; from the evaluation output."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP, Array
from contactlake.tables._shapes import CHANNELS, aws_account_id, instance_id, processed_at

_SUBJECT = "evaluation"
_UNKNOWN = "(Its name in the export is not published.)"

CONTACT_EVALUATION_RECORD = Table(
    name="contact_evaluation_record",
    doc=(
        "Evaluations of contacts: of each evaluation one row for the form, one per section and one per question, with "
        "score and answer. The day partition is that of the contact's beginning."
    ),
    columns=(
        aws_account_id(_SUBJECT),
        instance_id(_SUBJECT),
        Column("evaluation_id", STRING, doc="Id of the evaluation.", required=True),
        Column(
            "item_reference_id",
            STRING,
            doc="Id of the form, section or question that the row is of.",
            required=True,
        ),
        Column(
            "item_type",
            STRING,
            doc="What the row is of.",
            values=("Form", "Section", "Question"),
        ),
        Column("contact_id", STRING, doc="Id of the contact that was evaluated."),
        Column("evaluation_submitted_timestamp", TIMESTAMP, doc="When the evaluator handed the evaluation in."),
        Column("score", DOUBLE, doc="Score of the item in per cent; null when it does not apply.", unit="%"),
        Column("weighted_score", DOUBLE, doc=f"Score of the item times its weight in the form. {_UNKNOWN}", unit="%"),
        Column("automatic_fail", BOOLEAN, doc="Whether an answer made the item fail whatever its other scores."),
        Column("evaluator_id", STRING, doc="Who evaluated the contact.", sensitive=True),
        Column("numeric_answer", DOUBLE, doc="Answer to a question that asks for a number."),
        Column("answer_reference_id", STRING, doc="Id of the option chosen in a single-choice question."),
        Column("to_delete", BOOLEAN, doc="Whether the evaluation has been deleted."),
        Column("disconnect_timestamp", TIMESTAMP, doc="When the evaluated contact ended, from its record."),
        Column(
            "initiation_timestamp",
            TIMESTAMP,
            doc="When the evaluated contact began, from its record; its UTC day is the partition.",
        ),
        Column("user_id", STRING, doc="Id of the agent who was evaluated."),
        Column("queue_id", STRING, doc="Id of the queue of the evaluated contact, from its record."),
        Column("channel", STRING, doc="Channel of the evaluated contact, from its record.", values=CHANNELS),
        Column(
            "contact_aggregation_timestamp",
            TIMESTAMP,
            doc="The moment at which the evaluated contact is counted in statistics.",
        ),
        Column(
            "evaluated_contact_with_status",
            STRING,
            doc="Id of the evaluated contact together with the evaluation's status, to count contacts by.",
        ),
        Column("evaluation_source", STRING, doc=f"Whether a person or a machine evaluated. {_UNKNOWN}"),
        Column("resubmitted", BOOLEAN, doc=f"Whether the evaluation was handed in again after a change. {_UNKNOWN}"),
        Column("evaluation_type", STRING, doc=f"Kind of evaluation: standard, or part of a calibration. {_UNKNOWN}"),
        Column(
            "calibration_session_id",
            STRING,
            doc=f"Id of the calibration that the evaluation belongs to. {_UNKNOWN}",
        ),
        Column("item_title", STRING, doc="Title of the form or section, or text of the question."),
        Column("form_version", STRING, doc="Version of the form that was filled in."),
        Column("acknowledgement_status", STRING, doc=f"Whether the agent has acknowledged the evaluation. {_UNKNOWN}"),
        Column("acknowledger_id", STRING, doc=f"Who acknowledged the evaluation. {_UNKNOWN}", sensitive=True),
        Column("evaluation_acknowledged_timestamp", TIMESTAMP, doc=f"When the evaluation was acknowledged. {_UNKNOWN}"),
        Column(
            "acknowledger_comment",
            STRING,
            doc=f"What was said when the evaluation was acknowledged. {_UNKNOWN}",
            sensitive=True,
        ),
        Column("item_disabled", BOOLEAN, doc=f"Whether the item was left out because of other answers. {_UNKNOWN}"),
        processed_at(_SUBJECT),
        Column(
            "multi_select_answer_reference_ids",
            Array(STRING),
            doc="Ids of the options chosen in a multiple-choice question.",
        ),
        Column("date_time_answer", TIMESTAMP, doc=f"Answer to a question that asks for a date or time. {_UNKNOWN}"),
        Column("evaluated_participant_role", STRING, doc=f"Role of the participant who was evaluated. {_UNKNOWN}"),
        Column("evaluated_participant_id", STRING, doc=f"Id of the participant who was evaluated. {_UNKNOWN}"),
        Column("is_sampled", BOOLEAN, doc=f"Whether the contact was drawn for evaluation by sampling. {_UNKNOWN}"),
        Column("is_reviewed", BOOLEAN, doc=f"Whether the evaluation has been reviewed. {_UNKNOWN}"),
        Column(
            "automation_gen_ai_text_answer",
            STRING,
            doc=f"Text that generative AI proposed as the answer. {_UNKNOWN}",
            sensitive=True,
        ),
        Column(
            "automation_gen_ai_answer_reference_id",
            STRING,
            doc=f"Id of the option that generative AI proposed as the answer. {_UNKNOWN}",
        ),
        Column(
            "automation_gen_ai_answer_justification",
            STRING,
            doc=f"Reason that generative AI gave for its answer. {_UNKNOWN}",
            sensitive=True,
        ),
        Column(
            "is_automation_answer_accepted",
            BOOLEAN,
            doc=f"Whether the evaluator kept the machine's answer. {_UNKNOWN}",
        ),
        Column("earned_points", BIGINT, doc=f"Points that the item was given. {_UNKNOWN}"),
        Column("max_base_point", BIGINT, doc=f"Most points that the item could be given, without bonus. {_UNKNOWN}"),
        Column("performance_category", STRING, doc=f"Grade that the score falls into. {_UNKNOWN}"),
    ),
    primary_key=("evaluation_id", "item_reference_id", "instance_id"),
    partition_by="initiation_timestamp",
    age_column="evaluation_submitted_timestamp",
)
