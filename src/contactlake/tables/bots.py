"""What bots did in conversations: by conversation, by intent, by slot. Only imported: no stream carries it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import NUMBER, STRING, TIMESTAMP
from contactlake.tables._shapes import (
    CHANNELS,
    INITIATION_METHODS,
    aws_account_id,
    instance_arn,
    instance_id,
    processed_at,
)


def _bot_table(name: str, subject: str, doc: str, own: tuple[Column, ...]) -> Table:
    """The three tables differ in their last columns alone."""
    return Table(
        name=name,
        doc=doc,
        columns=(
            Column("event_id", STRING, doc=f"Id of the {subject}.", required=True),
            Column("bot_originating_request_id", STRING, doc="Id of the request that brought the bot in."),
            Column("bot_session_id", STRING, doc="Id of the session with the bot."),
            aws_account_id(subject),
            instance_arn(subject),
            instance_id(subject),
            Column("invoking_resource_type", STRING, doc="Whether a flow or a module called the bot."),
            Column("flow_resource_id", STRING, doc="Id of the flow that called the bot."),
            Column("module_resource_id", STRING, doc="Id of the flow module that called the bot, if one did."),
            Column("invoking_resource_start_timestamp", TIMESTAMP, doc="When the calling flow or module had begun."),
            Column("parent_flow_resource_id", STRING, doc="Id of the flow around the calling module."),
            Column("contact_id", STRING, doc="Id of the contact that the bot talked to."),
            Column("flow_action_id", STRING, doc="Id of the block that called the bot."),
            Column(
                "invoking_resource_published_timestamp",
                TIMESTAMP,
                doc="When the calling flow or module was published.",
            ),
            Column("flow_type", STRING, doc="Purpose of the calling flow."),
            Column("channel", STRING, doc="Channel of the contact.", values=CHANNELS),
            Column("sub_type", STRING, doc="Subtype of the contact's channel."),
            Column("initiation_method", STRING, doc="How the contact came about.", values=INITIATION_METHODS),
            Column("flow_language_version", STRING, doc="Version of the language of the calling flow."),
            Column("invoking_resource_version", STRING, doc="Version of the calling flow or module."),
            Column("bot_id", STRING, doc="Id of the bot."),
            Column("bot_alias_id", STRING, doc="Id of the alias under which the bot was called."),
            Column("bot_version", STRING, doc="Version of the bot."),
            Column("bot_locale", STRING, doc="Language and country that the bot talked in."),
            Column(
                "bot_conversation_start_timestamp",
                TIMESTAMP,
                doc="When the conversation with the bot began; its UTC day is the partition.",
            ),
            Column("bot_conversation_end_timestamp", TIMESTAMP, doc="When the conversation with the bot ended."),
            *own,
            processed_at(subject),
        ),
        primary_key=("instance_id", "event_id"),
        partition_by="bot_conversation_start_timestamp",
        age_column="bot_conversation_end_timestamp",
    )


_INTENT = (
    Column("bot_intent_name", STRING, doc="Name of the intent."),
    Column("bot_intent_level", NUMBER, doc="Place of the intent in the order in which intents came up."),
)

BOT_CONVERSATIONS = _bot_table(
    "bot_conversations",
    "bot conversation",
    "One row per conversation of a contact with a bot.",
    (
        Column("bot_conversation_outcome", STRING, doc="How the conversation ended."),
        Column("bot_number_of_conversation_turns", NUMBER, doc="Turns of the conversation."),
    ),
)

BOT_INTENTS = _bot_table(
    "bot_intents",
    "bot intent",
    "One row per intent that a bot found in a conversation.",
    (*_INTENT, Column("bot_intent_outcome", STRING, doc="What became of the intent.")),
)

BOT_SLOTS = _bot_table(
    "bot_slots",
    "bot slot",
    "One row per slot that a bot asked for within an intent.",
    (
        *_INTENT,
        Column("bot_slot_name", STRING, doc="Name of the slot."),
        Column("bot_slot_level", NUMBER, doc="Place of the slot in the order in which slots came up."),
        Column("bot_slot_outcome", STRING, doc="What became of the slot."),
        Column("bot_slot_retry_count", NUMBER, doc="How often the bot asked again for the slot."),
    ),
)
