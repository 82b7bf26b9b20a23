"""contact_lens_conversational_analytics: the measures of every analysed conversation, from the analysis output."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, FLOAT, STRING, TIMESTAMP, Array
from contactlake.tables._shapes import CHANNELS, instance_arn, processed_at

_SUBJECT = "analysed conversation"
_CHARACTERISTICS = "ConversationCharacteristics"
_SENTIMENT = f"{_CHARACTERISTICS}.Sentiment"
_PARTIES = (("agent", "AGENT", "the agent"), ("customer", "CUSTOMER", "the customer"))


def _time(name: str, path: str | None, doc: str) -> Column:
    return Column(name, BIGINT, path and f"{_CHARACTERISTICS}.{path}", doc, unit="ms")


CONTACT_LENS_CONVERSATIONAL_ANALYTICS = Table(
    name="contact_lens_conversational_analytics",
    doc=(
        "One row per analysed contact: talk, silence, interruptions, sentiment, response times and categories. An "
        "original analysis wins over its redacted twin, a later one over an earlier. Talk and interruption measures "
        "belong to voice, greeting and response times to chat."
    ),
    columns=(
        Column("aws_account_id", STRING, "AccountId", "AWS account that the analysis ran in."),
        Column("version", STRING, "Version", "Version of the analysis output's format."),
        Column(
            "instance_id",
            STRING,
            "CustomerMetadata.InstanceId",
            "Id of the Connect instance of the analysed conversation.",
            required=True,
        ),
        instance_arn(_SUBJECT),
        Column(
            "contact_id",
            STRING,
            "CustomerMetadata.ContactId",
            "Id of the analysed contact, from the document, else from its file's name.",
            required=True,
        ),
        Column("channel", STRING, "Channel", "Channel of the analysed conversation.", values=CHANNELS),
        Column("language_locale", STRING, "LanguageCode", "Language that the conversation was analysed in."),
        Column("feature", STRING, doc="Kind of analysis that the row is of."),
        Column(
            "categories",
            Array(STRING),
            "Categories.MatchedCategories",
            "Names of the categories whose rules the conversation met.",
        ),
        Column(
            "disconnect_timestamp",
            TIMESTAMP,
            doc="When the analysed contact ended, from its record; until that has arrived, the time of the analysis. "
            "Its UTC day is the partition.",
        ),
        _time("greeting_time_agent_ms", "ResponseTime.AgentGreetingTimeMillis", "Time to the agent's first message."),
        _time("non_talk_time_total_ms", "NonTalkTime.TotalTimeMillis", "Time in which nobody talked."),
        _time("talk_time_total_ms", "TalkTime.TotalTimeMillis", "Time in which anybody talked."),
        *(
            _time(
                f"talk_time_{party}_ms", f"TalkTime.DetailsByParticipant.{role}.TotalTimeMillis", f"Time {who} talked."
            )
            for party, role, who in _PARTIES
        ),
        _time("total_conversation_duration_ms", "TotalConversationDurationMillis", "Length of the conversation."),
        *(
            Column(
                f"talk_speed_{party}_wpm",
                FLOAT,
                f"{_CHARACTERISTICS}.TalkSpeed.DetailsByParticipant.{role}.AverageWordsPerMinute",
                f"How fast {who} talked on average.",
                unit="words per minute",
            )
            for party, role, who in _PARTIES
        ),
        _time("interruptions_time_total_ms", "Interruptions.TotalTimeMillis", "Length of all interruptions."),
        *(
            _time(f"interruptions_time_{party}_ms", None, f"Length of the interruptions by {who}, added up.")
            for party, _, who in _PARTIES
        ),
        Column(
            "interruptions_total_count",
            BIGINT,
            f"{_CHARACTERISTICS}.Interruptions.TotalCount",
            "How often anybody interrupted.",
        ),
        *(
            Column(f"interruptions_{party}_count", BIGINT, doc=f"How often {who} interrupted.")
            for party, _, who in _PARTIES
        ),
        *(
            Column(
                f"sentiment_overall_score_{party}",
                FLOAT,
                f"{_SENTIMENT}.OverallSentiment.{role} | {_SENTIMENT}.OverallSentiment.DetailsByParticipantRole.{role}",
                f"Sentiment of {who} over the whole conversation, -5 to 5.",
            )
            for party, role, who in _PARTIES
        ),
        *(
            Column(
                f"sentiment_interaction_score_customer_{name}_agent",
                FLOAT,
                f"{_SENTIMENT}.OverallSentiment.DetailsByInteraction.DetailsByParticipantRole.CUSTOMER.{key}",
                f"Sentiment of the customer while {state} in the chat, -5 to 5.",
            )
            for name, key, state in (
                ("with", "WithAgent", "an agent was"),
                ("without", "WithoutAgent", "no agent was"),
            )
        ),
        *(
            Column(
                f"sentiment_end_score_{party}",
                FLOAT,
                f"{_SENTIMENT}.SentimentShift.DetailsByParticipantRole.{role}.EndScore",
                f"Sentiment of {who} at the end, -5 to 5: the end of the shift (chat), the last quarter (voice).",
            )
            for party, role, who in _PARTIES
        ),
        *(
            _time(
                f"response_time_{span}_{party}_ms",
                f"ResponseTime.DetailsByParticipantRole.{role}.{span.capitalize()}.ValueMillis",
                f"{word} time {who} took to reply in the chat.",
            )
            for span, word in (("average", "Average"), ("maximum", "Longest"))
            for party, role, who in _PARTIES
        ),
        processed_at(_SUBJECT),
    ),
    primary_key=("instance_id", "contact_id"),
    partition_by="disconnect_timestamp",
    age_column="disconnect_timestamp",
)
