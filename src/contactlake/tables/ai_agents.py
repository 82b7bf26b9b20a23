"""What AI agents did: agents, their prompts, tools, knowledge, and the sessions. Only imported: no stream carries it.

The documentation partitions these tables by a creation time that it types as a number or a string.
"""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, STRING, Scalar
from contactlake.tables._shapes import aws_account_id, instance_arn, instance_id, processed_at

_CONTACT_ID = Column("contact_id", STRING, doc="Id of the contact that the AI agent served.")
_AGENT_ID = Column("ai_agent_id", STRING, doc="Id of the AI agent.")
_AGENT_VERSION = Column("ai_agent_version", STRING, doc="Version of the AI agent.")
_AGENT_TYPE = Column("ai_agent_type", STRING, doc="Kind of the AI agent.")
_AGENT_NAME = Column("ai_agent_name", STRING, doc="Name of the AI agent.")
_AGENT_ARN = Column("ai_agent_arn", STRING, doc="ARN of the AI agent.")
_ASSISTANT_ID = Column("assistant_id", STRING, doc="Id of the assistant that the AI agent belongs to.")
_SESSION_ID = Column("ai_session_id", STRING, doc="Id of the session with the assistant.")
_SUCCESS = Column("invocation_success", BOOLEAN, doc="Whether the call succeeded.")
_LATENCY = Column("invocation_latency_ms", FLOAT, doc="How long the call took.", unit="ms")


def _times(subject: str, type: Scalar = BIGINT) -> tuple[Column, Column]:
    return (
        Column("creation_timestamp", type, doc=f"When the {subject} came about; the partition."),
        Column("update_timestamp", type, doc=f"When the {subject} last changed at the source."),
    )


AI_AGENT = Table(
    name="ai_agent",
    doc="One row per call of an AI agent.",
    columns=(
        instance_arn("AI agent call"),
        instance_id("AI agent call"),
        _CONTACT_ID,
        _AGENT_ID,
        _AGENT_VERSION,
        Column("ai_agent_event_id", STRING, doc="Id of the AI agent call.", required=True),
        aws_account_id("AI agent call"),
        _ASSISTANT_ID,
        _SESSION_ID,
        *_times("AI agent call"),
        Column("ai_use_case", STRING, doc="What the AI agent is for.", values=("AgentAssistance", "SelfService")),
        _AGENT_TYPE,
        _AGENT_NAME,
        _AGENT_ARN,
        _SUCCESS,
        _LATENCY,
        Column("conversation_turns_in_response", BIGINT, doc="Turns that the AI agent needed to reply."),
        Column("response_helpful", INT, doc="How often the reply was marked as helpful."),
        Column("response_not_helpful", INT, doc="How often the reply was marked as not helpful."),
        processed_at("AI agent call"),
        Column("multi_agent_selection_accuracy", DOUBLE, doc="How well the right one of several AI agents was chosen."),
        Column("multi_agent_context_fidelity", DOUBLE, doc="How well the context was kept between several AI agents."),
        Column("multi_agent_orchestration_mode", STRING, doc="How several AI agents work together."),
        Column("parent_ai_agent_id", STRING, doc="Id of the AI agent that called this one."),
        Column("is_collaborator", BOOLEAN, doc="Whether another AI agent called this one."),
    ),
    primary_key=("ai_agent_event_id", "instance_id"),
    partition_by="creation_timestamp",
)

AI_AGENT_KNOWLEDGE_BASE = Table(
    name="ai_agent_knowledge_base",
    doc="One row per piece of knowledge that an AI agent drew on.",
    columns=(
        instance_arn("knowledge use"),
        aws_account_id("knowledge use"),
        instance_id("knowledge use"),
        _CONTACT_ID,
        Column("knowledge_content_id", STRING, doc="Id of the piece of knowledge."),
        _AGENT_TYPE,
        Column("ai_agent_knowledge_base_event_id", STRING, doc="Id of the knowledge use.", required=True),
        _ASSISTANT_ID,
        _SESSION_ID,
        *_times("knowledge use", STRING),
        _AGENT_ID,
        _AGENT_NAME,
        _AGENT_VERSION,
        _AGENT_ARN,
        Column("knowledge_base_id", STRING, doc="Id of the knowledge base."),
        Column("knowledge_base_name", STRING, doc="Name of the knowledge base."),
        Column("knowledge_content_reference", STRING, doc="Where the piece of knowledge is found."),
        processed_at("knowledge use"),
    ),
    primary_key=("ai_agent_knowledge_base_event_id", "instance_id"),
    partition_by="creation_timestamp",
)

AI_PROMPT = Table(
    name="ai_prompt",
    doc="One row per use of a prompt by an AI agent.",
    columns=(
        instance_arn("prompt use"),
        aws_account_id("prompt use"),
        instance_id("prompt use"),
        _CONTACT_ID,
        Column("ai_prompt_id", STRING, doc="Id of the prompt."),
        Column("ai_prompt_version", STRING, doc="Version of the prompt."),
        Column("ai_prompt_event_id", STRING, doc="Id of the prompt use.", required=True),
        _ASSISTANT_ID,
        _SESSION_ID,
        *_times("prompt use"),
        _AGENT_TYPE,
        _AGENT_NAME,
        _AGENT_ID,
        _AGENT_VERSION,
        _AGENT_ARN,
        Column("ai_prompt_type", STRING, doc="Kind of the prompt."),
        Column("ai_prompt_name", STRING, doc="Name of the prompt."),
        Column("ai_prompt_arn", STRING, doc="ARN of the prompt."),
        Column("model_id", STRING, doc="Id of the model that the prompt was put to."),
        _SUCCESS,
        _LATENCY,
        Column("input_token", BIGINT, doc="Tokens that the model was given."),
        Column("output_token", BIGINT, doc="Tokens that the model gave back."),
        processed_at("prompt use"),
    ),
    primary_key=("ai_prompt_event_id", "instance_id"),
    partition_by="creation_timestamp",
)

AI_SESSION = Table(
    name="ai_session",
    doc="One row per session of a contact with the assistant.",
    columns=(
        instance_arn("AI session"),
        instance_id("AI session"),
        Column("contact_id", STRING, doc="Id of the contact of the session."),
        Column("ai_session_id", STRING, doc="Id of the session with the assistant.", required=True),
        aws_account_id("AI session"),
        Column("assistant_id", STRING, doc="Id of the assistant."),
        *_times("AI session"),
        Column("proactive_intents_detected", BIGINT, doc="Intents that the assistant found of its own accord."),
        Column("proactive_intents_engaged", BIGINT, doc="Of the found intents, those that the agent took up."),
        Column("proactive_intents_answered", BIGINT, doc="Of the found intents, those that were answered."),
        Column("ai_agent_invocation_count", BIGINT, doc="Calls of AI agents in the session."),
        Column("ai_agent_invocation_success_count", BIGINT, doc="Calls of AI agents in the session that succeeded."),
        Column("is_handed_off", BOOLEAN, doc="Whether the session was handed over to a person."),
        Column("avg_conversation_turns_in_response", FLOAT, doc="Turns needed to reply, on average."),
        Column("goal_success_rate", DOUBLE, doc="Share of the customer's goals that were reached."),
        Column("faithfulness_score", DOUBLE, doc="How well the replies keep to what is known."),
        Column("completeness_score", DOUBLE, doc="How much of what was asked the replies answer."),
        processed_at("AI session"),
    ),
    primary_key=("ai_session_id", "instance_id"),
    partition_by="creation_timestamp",
)

AI_TOOL = Table(
    name="ai_tool",
    doc="One row per call of a tool by an AI agent.",
    columns=(
        instance_arn("AI tool call"),
        aws_account_id("AI tool call"),
        instance_id("AI tool call"),
        _CONTACT_ID,
        _AGENT_ID,
        Column("ai_tool_id", STRING, doc="Id of the tool."),
        Column("ai_tool_event_id", STRING, doc="Id of the AI tool call.", required=True),
        _ASSISTANT_ID,
        _SESSION_ID,
        *_times("AI tool call"),
        _AGENT_TYPE,
        _AGENT_NAME,
        _AGENT_VERSION,
        _AGENT_ARN,
        Column("ai_tool_type", STRING, doc="Kind of the tool."),
        Column("ai_tool_name", STRING, doc="Name of the tool."),
        Column("ai_tool_arn", STRING, doc="ARN of the tool."),
        _SUCCESS,
        _LATENCY,
        Column("ai_tool_parameter_accuracy", DOUBLE, doc="How right the values were that the tool was given."),
        Column("ai_tool_selection_accuracy", DOUBLE, doc="How right the choice of the tool was."),
        Column("ai_tool_utilization_accuracy", DOUBLE, doc="How rightly the tool's result was used."),
        processed_at("AI tool call"),
    ),
    primary_key=("ai_tool_event_id", "instance_id"),
    partition_by="creation_timestamp",
)
