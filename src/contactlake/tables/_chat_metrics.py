"""Columns of contact_record that measure a chat: as a whole, and by participant."""

from contactlake.model.table import Column
from contactlake.model.types import BIGINT, BOOLEAN, STRING, TIMESTAMP

# The stream says ContactMetrics, the vendor's API says ChatContactMetrics.
_CHAT = ("ChatMetrics.ContactMetrics", "ChatMetrics.ChatContactMetrics")


def _chat(key: str) -> str:
    return " | ".join(f"{root}.{key}" for root in _CHAT)


def _participant(name: str, key: str, who: str) -> tuple[Column, ...]:
    name, path = f"chat_{name}_metrics", f"ChatMetrics.{key}"
    return (
        Column(f"{name}_participant_id", STRING, f"{path}.ParticipantId", f"Id of {who} as participant of the chat."),
        Column(f"{name}_participant_type", STRING, f"{path}.ParticipantType", f"Role of {who} in the chat."),
        Column(
            f"{name}_conversation_abandon",
            BOOLEAN,
            f"{path}.ConversationAbandon",
            f"Whether {who} abandoned the chat.",
        ),
        Column(f"{name}_messages_sent", BIGINT, f"{path}.MessagesSent", f"Messages that {who} sent in the chat."),
        Column(f"{name}_num_responses", BIGINT, f"{path}.NumResponses", f"Replies that {who} gave in the chat."),
        Column(
            f"{name}_message_length_in_chars",
            BIGINT,
            f"{path}.MessageLengthInChars",
            f"Characters that {who} sent in the chat.",
        ),
        Column(
            f"{name}_total_response_time_ms",
            BIGINT,
            f"{path}.TotalResponseTimeInMillis",
            f"Time {who} took to reply in the chat, all replies together.",
            unit="ms",
        ),
        Column(
            f"{name}_max_response_time_ms",
            BIGINT,
            f"{path}.MaxResponseTimeInMillis",
            f"Longest time {who} took for one reply in the chat.",
            unit="ms",
        ),
        Column(
            f"{name}_last_message_timestamp",
            TIMESTAMP,
            f"{path}.LastMessageTimestamp",
            f"When {who} sent the last message of theirs.",
        ),
    )


CHAT = (
    Column(
        "chat_contact_metrics_total_messages",
        BIGINT,
        _chat("TotalMessages"),
        "Messages of the chat, of all participants.",
    ),
    Column(
        "chat_contact_metrics_conversation_close_time_ms",
        BIGINT,
        _chat("ConversationCloseTimeInMillis"),
        "Time from the customer's last message to the end of the chat.",
        unit="ms",
    ),
    Column(
        "chat_contact_metrics_conversation_turn_count",
        BIGINT,
        _chat("ConversationTurnCount"),
        "Turns of the chat.",
    ),
    Column(
        "chat_contact_metrics_agent_first_response_timestamp",
        TIMESTAMP,
        _chat("AgentFirstResponseTimestamp"),
        "When an agent first replied in the chat.",
    ),
    Column(
        "chat_contact_metrics_agent_first_response_time_ms",
        BIGINT,
        _chat("AgentFirstResponseTimeInMillis"),
        "Time from the agent's getting the chat to the first reply.",
        unit="ms",
    ),
    Column(
        "chat_contact_metrics_total_bot_messages",
        BIGINT,
        _chat("TotalBotMessages"),
        "Messages of the chat that bots and automation sent.",
    ),
    Column(
        "chat_contact_metrics_total_bot_message_length_in_chars",
        BIGINT,
        _chat("TotalBotMessageLengthInChars"),
        "Characters of the chat that bots and automation sent.",
    ),
    Column(
        "chat_contact_metrics_multi_party",
        BOOLEAN,
        _chat("MultiParty"),
        "Whether further participants or a supervisor could join the chat.",
    ),
    *_participant("agent", "AgentMetrics", "the agent"),
    *_participant("customer", "CustomerMetrics", "the customer"),
)
