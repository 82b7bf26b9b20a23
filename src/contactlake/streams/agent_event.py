"""Agent events: what every agent does, as whole snapshots (at least once, a heartbeat each 120 s)."""

from contactlake.model.stream import Repeat, Stream

AGENT_EVENTS = Stream(
    name="agent-events",
    table="agent_event",
    marks=(
        frozenset({"CurrentAgentSnapshot"}),
        frozenset({"PreviousAgentSnapshot"}),
        frozenset({"EventId", "EventType"}),
        frozenset({"AgentARN", "EventType"}),
        frozenset({"AgentARN", "EventTimestamp"}),
    ),
    event_time="event_timestamp",
    version="event_timestamp",
    uncolumned=(
        "CurrentAgentSnapshot.AgentCrossRegionRoutingConfiguration",
        "PreviousAgentSnapshot.AgentCrossRegionRoutingConfiguration",
        "PreviousAgentSnapshot.NextAgentStatus",
        "PreviousAgentSnapshot.Configuration.Username",
        "PreviousAgentSnapshot.Configuration.FirstName",
        "PreviousAgentSnapshot.Configuration.LastName",
        "PreviousAgentSnapshot.Configuration.SipAddress",
        "PreviousAgentSnapshot.Configuration.AutoAccept",
        "PreviousAgentSnapshot.Configuration.LanguageCode",
        "CurrentAgentSnapshot.Contacts.GlobalResiliencyMetadata",
        "PreviousAgentSnapshot.Contacts.GlobalResiliencyMetadata",
    ),
    repeats=(
        Repeat(
            ("CurrentAgentSnapshot", "PreviousAgentSnapshot"),
            (Repeat(("Configuration",), (Repeat(("RoutingProfile.InboundQueues",)),)),),
        ),
    ),
)
