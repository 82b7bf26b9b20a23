"""contact_record_analysis: what a contact's record itself tells of an analysis, for contacts whose record does."""

from contactlake.model.table import Column, Table
from contactlake.model.types import STRING, TIMESTAMP, Arn, Take
from contactlake.tables._shapes import processed_at

_PLACES = ("ContactLens", "ContactLens.ConversationalAnalytics")


def _json(name: str, key: str, doc: str, sensitive: bool = False) -> Column:
    """Results stand under ContactLens, or beside the settings there; their shape is not published, so JSON it is."""
    path = " | ".join(f"{place}.{spelled}" for spelled in key.split() for place in _PLACES)
    return Column(name, STRING, path, doc, take=Take.JSON, sensitive=sensitive)


RESULTS = (
    _json("sentiment_score", "SentimentScore", "Mood of agent and customer, turn by turn, -5 to 5, as compact JSON."),
    _json("categories", "Categories", "Categories that matched, as compact JSON."),
    _json("issues", "Issues", "Matters that the customer raised, as compact JSON.", sensitive=True),
    _json("outcome_codes", "OutcomeCodes", "What came of the conversation, as compact JSON.", sensitive=True),
    _json("action_items", "ActionItems", "What the agent promised to do, as compact JSON.", sensitive=True),
    _json(
        "conversational_characteristics",
        "ConversationalCharacteristics ConversationCharacteristics",
        "Talk, silence, interruptions and more, as compact JSON.",
        sensitive=True,
    ),
)

CONTACT_RECORD_ANALYSIS = Table(
    name="contact_record_analysis",
    doc=(
        "One row per contact whose record, in its newest version, carries results of an analysis. What they mean is in "
        "contact_lens_conversational_analytics; here they are as delivered."
    ),
    columns=(
        Column(
            "instance_id",
            STRING,
            "InstanceARN | Agent.ARN",
            "Id of the Connect instance of the contact with results in its record.",
            required=True,
            take=Arn("instance"),
        ),
        Column("contact_id", STRING, "ContactId", "Id of the contact with results in its record.", required=True),
        Column(
            "initiation_timestamp",
            TIMESTAMP,
            "InitiationTimestamp",
            "When the contact with results in its record began; its UTC day is the partition.",
            required=True,
        ),
        Column(
            "last_update_timestamp",
            TIMESTAMP,
            "LastUpdateTimestamp",
            "Which version of the record carries the results.",
        ),
        Column(
            "language_locale",
            STRING,
            "ContactLens.ConversationalAnalytics.Configuration.LanguageLocale",
            "Language that the analysis was set to.",
        ),
        *RESULTS,
        processed_at("results in a contact record"),
    ),
    primary_key=("instance_id", "contact_id"),
    partition_by="initiation_timestamp",
    age_column="initiation_timestamp",
    ours=True,
)
