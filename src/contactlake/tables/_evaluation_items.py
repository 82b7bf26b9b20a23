"""The family of evaluations: from exported evaluations and contact records to one row per form, section, question."""

from __future__ import annotations

from contactlake.model.step import Derivation, Family, Input, Reach, Step
from contactlake.tables._derived_columns import Sources, nulls, step_text
from contactlake.tables.contact_evaluation import CONTACT_EVALUATION
from contactlake.tables.contact_evaluation_record import CONTACT_EVALUATION_RECORD as ITEMS

EVALUATION_SOURCES: Sources = {
    "aws_account_id": "metadata.accountId",
    "instance_id": "metadata.instanceId",
    "evaluation_id": "evaluationId",
    "item_reference_id": "form: metadata.evaluationDefinitionId, else evaluationId; section: sectionRefId; question: "
    "questionRefId. An item without it has no row",
    "item_type": "which of the three it is: `Form`, `Section`, `Question`",
    "contact_id": "metadata.contactId",
    "evaluation_submitted_timestamp": "metadata.evaluationSubmitTimestamp",
    "score": "score.percentage of the item (form: of metadata); null where score.notApplicable is true",
    "automatic_fail": "score.automaticFail of the item (form: of metadata)",
    "evaluator_id": "metadata.evaluator",
    "numeric_answer": "answer.value of a question of the type NUMERIC; null where it is no number",
    "answer_reference_id": "valueRefId of the first of answer.values that is selected; not of a multiple choice",
    "multi_select_answer_reference_ids": "valueRefId of all of answer.values that are selected, of a question whose "
    "type begins with MULTI",
    "date_time_answer": "answer.value of a question of the type DATE or DATETIME; null where it is no time",
    "to_delete": "`contact_record.contact_evaluations`: whether the status of this evaluation there is DELETED; null "
    "while the record does not list it",
    "disconnect_timestamp": "`contact_record`",
    "initiation_timestamp": "`contact_record`; until it has arrived, metadata.evaluationSubmitTimestamp",
    "user_id": "metadata.agentId, else `contact_record.agent_id`",
    "queue_id": "`contact_record`",
    "channel": "`contact_record`",
    "contact_aggregation_timestamp": "`contact_record.disconnect_timestamp`: a contact counts where it ended",
    "item_title": "form: metadata.evaluationDefinitionTitle; section: sectionTitle; question: questionText",
    "form_version": "metadata.evaluationDefinitionVersion",
}
"""By column of contact_evaluation_record: where it comes from (paths of the export, or a table)."""

_SUBJECT = "COALESCE(contact_id, evaluation_id)"  # an evaluation that names no contact is a subject of its own

EVALUATION_ITEMS = Family(
    name="evaluation_items",
    subject=_SUBJECT,
    inputs={
        "contact_evaluation": Input(
            "contact_evaluation",
            tuple(c.name for c in CONTACT_EVALUATION.columns if c.path),
            subject=_SUBJECT,
        ),
        "contact_record": Input(
            "contact_record",
            (
                *("instance_id", "contact_id", "initiation_timestamp", "disconnect_timestamp", "agent_id", "queue_id"),
                *("channel", "contact_evaluations"),
            ),
            subject="contact_id",
        ),
    },
    derivation=Derivation(
        inputs=("contact_evaluation", "contact_record"),
        rules="_evaluation_rules",
        steps=(Step(ITEMS.name, step_text(ITEMS.name, no_source=nulls(ITEMS, EVALUATION_SOURCES))),),
        results=(ITEMS.name,),
    ),
    reach={
        "contact_evaluation": Reach(("contact_id", "evaluation_id"), f"SELECT {_SUBJECT} AS subject FROM _change"),
        "contact_record": Reach(
            ("contact_id",), "SELECT contact_id AS subject FROM _change SEMI JOIN contact_evaluation USING (contact_id)"
        ),
    },
)
