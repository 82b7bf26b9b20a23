"""contact_analysis: every conversation analysis as it was delivered: original and redacted, earlier and later."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, FLOAT, STRING, TIMESTAMP, Array, Is, Take
from contactlake.tables._analysis_shapes import PARTICIPANT, PERIOD, PERIOD_SCORE, TURN
from contactlake.tables._shapes import CHANNELS, processed_at

_CHARACTERISTICS = "ConversationCharacteristics"
_SENTIMENT = f"{_CHARACTERISTICS}.Sentiment"
_PARTIES = (("agent", "AGENT", "the agent"), ("customer", "CUSTOMER", "the customer"))


def _time(name: str, path: str, doc: str) -> Column:
    return Column(name, BIGINT, f"{_CHARACTERISTICS}.{path}", doc, unit="ms")


def _identity() -> tuple[Column, ...]:
    return (
        Column(
            "instance_id",
            STRING,
            "CustomerMetadata.InstanceId",
            "Id of the Connect instance of the conversation; null where the document leaves it out: the contact's "
            "record tells it.",
        ),
        Column(
            "contact_id",
            STRING,
            "CustomerMetadata.ContactId | @name.contact",
            "Id of the contact whose conversation was analysed, from the document, else from the file's name.",
            required=True,
        ),
        Column(
            "redacted",
            BOOLEAN,
            "@name.redacted | ContentMetadata.Output",
            "Whether this is the redacted twin of an analysis, by the file's name or the document.",
            required=True,
            take=Is("redacted"),
            default=False,
        ),
        Column(
            "analysis_id",
            STRING,
            "@name.time | @digest",
            "Tells the analyses of one contact apart: the time in the file's name, else a digest of the document.",
            required=True,
            take=Take.FILE_TIME,
        ),
        Column(
            "analysed_at",
            TIMESTAMP,
            "@name.time | @landed",
            "When the analysis was made, by the file's name, else when the file was landed; its UTC day is the "
            "partition.",
            required=True,
            take=Take.FILE_TIME,
        ),
    )


def _document() -> tuple[Column, ...]:
    return (
        Column("aws_account_id", STRING, "AccountId", "AWS account in which the conversation was analysed."),
        Column("version", STRING, "Version", "Version of the analysis document's format."),
        Column(
            "chat_transcript_version", STRING, "ChatTranscriptVersion", "Version of the format of a chat's transcript."
        ),
        Column("channel", STRING, "Channel", "Channel of the conversation.", values=CHANNELS),
        Column("language_code", STRING, "LanguageCode", "Language in which the conversation was held."),
        Column("job_status", STRING, "JobStatus", "How the analysis ended.", values=("COMPLETED", "FAILED")),
        Column("job_details", STRING, "JobDetails", "What was not analysed and why, as compact JSON.", take=Take.JSON),
        Column("content_output", STRING, "ContentMetadata.Output", "Which output it is.", values=("Raw", "Redacted")),
        Column("redaction_types", Array(STRING), "ContentMetadata.RedactionTypes", "Kinds of data that are redacted."),
        Column(
            "redaction_types_metadata",
            STRING,
            "ContentMetadata.RedactionTypesMetadata",
            "How each kind of data is redacted, as compact JSON.",
            take=Take.JSON,
        ),
        Column("input_s3_uri", STRING, "CustomerMetadata.InputS3Uri", "Where the recording or transcript is kept."),
    )


def _found() -> tuple[Column, ...]:
    return (
        Column("participants", Array(PARTICIPANT), "Participants", "Who took part, and in which role."),
        Column("categories", Array(STRING), "Categories.MatchedCategories", "Names of the categories that matched."),
        Column(
            "categories_matched_details",
            STRING,
            "Categories.MatchedDetails",
            "By category, where in the conversation it matched, as compact JSON.",
            take=Take.JSON,
        ),
        Column("custom_models", STRING, "CustomModels", "Models of the customer's own, as JSON.", take=Take.JSON),
        Column(
            "contact_summary",
            STRING,
            f"{_CHARACTERISTICS}.ContactSummary.PostContactSummary.Content",
            "Written summary of the conversation.",
            sensitive=True,
        ),
        Column(
            "transcript",
            Array(TURN),
            "Transcript",
            "What was said or written, turn by turn: a call's turns have offsets and sentiment, a chat's have times.",
            sensitive=True,
        ),
        Column(
            "conversation_characteristics",
            STRING,
            _CHARACTERISTICS,
            "All measures as they were delivered, also those without a column, as compact JSON.",
            take=Take.JSON,
            sensitive=True,
        ),
    )


def _talk() -> tuple[Column, ...]:
    cuts = f"{_CHARACTERISTICS}.Interruptions"
    return (
        _time("total_conversation_duration_ms", "TotalConversationDurationMillis", "How long the conversation was."),
        _time("talk_time_total_ms", "TalkTime.TotalTimeMillis", "How long anybody spoke."),
        *(
            _time(
                f"talk_time_{party}_ms",
                f"TalkTime.DetailsByParticipant.{role}.TotalTimeMillis",
                f"How long {who} spoke.",
            )
            for party, role, who in _PARTIES
        ),
        *(
            Column(
                f"talk_speed_{party}_wpm",
                FLOAT,
                f"{_CHARACTERISTICS}.TalkSpeed.DetailsByParticipant.{role}.AverageWordsPerMinute",
                f"How many words a minute {who} spoke on average.",
                unit="words per minute",
            )
            for party, role, who in _PARTIES
        ),
        _time("non_talk_time_total_ms", "NonTalkTime.TotalTimeMillis", "How long nobody spoke."),
        Column(
            "non_talk_time_instances",
            Array(PERIOD),
            f"{_CHARACTERISTICS}.NonTalkTime.Instances",
            "The stretches in which nobody spoke.",
        ),
        _time("interruptions_time_total_ms", "Interruptions.TotalTimeMillis", "How long all interruptions lasted."),
        Column("interruptions_total_count", BIGINT, f"{cuts}.TotalCount", "How many interruptions there were."),
        *(
            Column(
                f"interruptions_{party}",
                Array(PERIOD),
                f"{cuts}.InterruptionsByInterrupter.{role}",
                f"The interruptions by {who}.",
            )
            for party, role, who in _PARTIES
        ),
        _time("greeting_time_agent_ms", "ResponseTime.AgentGreetingTimeMillis", "How long the agent's greeting took."),
        *(
            _time(
                f"response_time_{span.lower()}_{party}_ms",
                f"ResponseTime.DetailsByParticipantRole.{role}.{span}.ValueMillis",
                f"How long {who} took to answer in the chat, {word}.",
            )
            for span, word in (("Average", "on average"), ("Maximum", "at the longest"))
            for party, role, who in _PARTIES
        ),
    )


def _sentiment() -> tuple[Column, ...]:
    return (
        *(
            Column(
                f"sentiment_overall_score_{party}",
                FLOAT,
                f"{_SENTIMENT}.OverallSentiment.{role} | {_SENTIMENT}.OverallSentiment.DetailsByParticipantRole.{role}",
                f"Mood of {who} over all, -5 to 5.",
            )
            for party, role, who in _PARTIES
        ),
        *(
            Column(
                f"sentiment_interaction_score_customer_{name}_agent",
                FLOAT,
                f"{_SENTIMENT}.OverallSentiment.DetailsByInteraction.DetailsByParticipantRole.CUSTOMER.{key}",
                f"Mood of the customer in the chat {name} an agent, -5 to 5.",
            )
            for name, key in (("with", "WithAgent"), ("without", "WithoutAgent"))
        ),
        *(
            Column(
                f"sentiment_{end.lower()}_score_{party}",
                FLOAT,
                f"{_SENTIMENT}.SentimentShift.DetailsByParticipantRole.{role}.{end}Score",
                f"Mood of {who} at the {word} of the chat, -5 to 5.",
            )
            for end, word in (("Begin", "beginning"), ("End", "end"))
            for party, role, who in _PARTIES
        ),
        *(
            Column(
                f"sentiment_quarters_{party}",
                Array(PERIOD_SCORE),
                f"{_SENTIMENT}.SentimentByPeriod.QUARTER.{role}",
                f"Mood of {who} in each quarter of the call, -5 to 5.",
            )
            for party, role, who in _PARTIES
        ),
    )


CONTACT_ANALYSIS = Table(
    name="contact_analysis",
    doc=(
        "One row per analysis of a conversation by Contact Lens, voice or chat. Original and redacted twin are rows of "
        "their own, and so are analyses of the same contact made at different times; nothing is chosen here."
    ),
    columns=(*_identity(), *_document(), *_found(), *_talk(), *_sentiment(), processed_at("conversation analysis")),
    primary_key=("contact_id", "redacted", "analysis_id"),
    partition_by="analysed_at",
    age_column="analysed_at",
    ours=True,
)
