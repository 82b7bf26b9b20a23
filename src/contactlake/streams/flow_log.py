"""Flow logs: what a contact met in its flow, an entry per block; how keys are spelled depends on who forwarded them."""

from contactlake.model.stream import Stream

FLOW_LOGS = Stream(
    name="flow-logs",
    table="contact_flow_log",
    marks=(
        frozenset({"ContactId", "ContactFlowId"}),
        frozenset({"contactId", "contactFlowId"}),
        frozenset({"contactid", "contactflowid"}),
    ),
    never=frozenset({"EventType", "eventType"}),  # contact events
    event_time="entry_timestamp",
    version="entry_timestamp",
)
