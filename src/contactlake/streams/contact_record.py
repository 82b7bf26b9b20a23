"""Contact records: one whole document per contact, delivered again whenever something about the contact changes."""

from contactlake.model.stream import Also, Stream

CONTACT_RECORDS = Stream(
    name="contact-records",
    table="contact_record",
    marks=(
        frozenset({"AWSContactTraceRecordFormatVersion"}),
        frozenset({"ContactId", "InitiationTimestamp"}),
        frozenset({"ContactId", "LastUpdateTimestamp"}),
        frozenset({"ContactId", "InstanceARN"}),
    ),
    never=frozenset({"ContactFlowId", "CurrentAgentSnapshot", "EventType"}),  # flow logs, agent events, contact events
    event_time="initiation_timestamp",
    version="last_update_timestamp",
    uncolumned=tuple(
        f"ContactLens.ConversationalAnalytics.Configuration.{setting}"
        for setting in (
            *("Enabled", "ChannelConfiguration", "RedactionConfiguration", "SentimentConfiguration"),
            "SummaryConfiguration",
        )
    ),
    also=Also(
        "contact_record_analysis",
        needs=(
            *("sentiment_score", "categories", "issues", "outcome_codes", "action_items"),
            "conversational_characteristics",
        ),
    ),
)
