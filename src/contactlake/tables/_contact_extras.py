"""Columns of contact_record beyond the contact's course: Voice ID, recordings, devices, quality, AI, templates."""

from contactlake.model.table import Column
from contactlake.model.types import BIGINT, BOOLEAN, STRING, TIMESTAMP, Array, Map, Take
from contactlake.tables._contact_shapes import (
    AI_AGENT,
    AUDIO_QUALITY,
    CONTACT_EVALUATIONS,
    EMAIL_RECIPIENTS,
    MEDIA_STREAM,
    RECORDING,
    REFERENCE,
    ROUTING_CRITERIA,
    STATE_TRANSITION,
)
from contactlake.tables._shapes import NO_SOURCE

_AUTHENTICATION = "VoiceIdResult.Authentication"
_FRAUD = "VoiceIdResult.FraudDetection"

VOICE_ID = (
    Column(
        "voice_id_result_authentication_result",
        STRING,
        f"{_AUTHENTICATION}.Result",
        "Outcome of comparing the caller's voice with the enrolled one. (The Voice ID service ended on 2026-05-20.)",
        values=("Authenticated", "Not Authenticated", "Not Enrolled", "Opted Out", "Inconclusive", "Error"),
    ),
    Column(
        "voice_id_result_fraud_detection_watch_list_id",
        STRING,
        f"{_FRAUD}.WatchlistID | {_FRAUD}.WatchlistId",
        "Id of the list of fraudsters that the caller's voice was compared with.",
    ),
    Column(
        "voice_id_result_speaker_id",
        STRING,
        "VoiceIdResult.GeneratedSpeakerId",
        "Id that Voice ID gave the speaker.",
        sensitive=True,
    ),
    Column(
        "voice_id_result_fraud_detection_result",
        STRING,
        f"{_FRAUD}.Result",
        "Outcome of looking for a fraudster's voice.",
        values=("High Risk", "Low Risk", "Inconclusive", "Error"),
    ),
    Column(
        "voice_id_result_fraud_detection_fraudster_Id",
        STRING,
        f"{_FRAUD}.GeneratedFraudsterID | {_FRAUD}.GeneratedFraudsterId",
        "Id of the known fraudster that the caller's voice resembles.",
        sensitive=True,
    ),
    Column(
        "external_third_party_interaction_duration_ms",
        BIGINT,
        "ExternalThirdParty.ExternalThirdPartyInteractionDuration",
        "Time an outside participant spent with the customer.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "voice_id_result_authentication_minimum_speech_ms",
        BIGINT,
        f"{_AUTHENTICATION}.MinimumSpeechInSeconds",
        "Speech needed to recognise the caller.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "voice_id_result_authentication_score",
        BIGINT,
        f"{_AUTHENTICATION}.Score",
        "How well the caller's voice matches the enrolled one, 0 to 100.",
    ),
    Column(
        "voice_id_result_authentication_score_threshold",
        BIGINT,
        f"{_AUTHENTICATION}.ScoreThreshold",
        "Score from which the caller counts as recognised.",
    ),
    Column(
        "voice_id_result_fraud_detection_risk_score_known_fraudster",
        BIGINT,
        f"{_FRAUD}.RiskScoreKnownFraudster",
        "Risk that the caller is a fraudster on the list, 0 to 100.",
    ),
    Column(
        "voice_id_result_fraud_detection_risk_score_synthetic_speech",
        BIGINT,
        f"{_FRAUD}.RiskScoreSyntheticSpeech",
        "Risk that the caller's speech is synthetic; out of use, part of the spoofing score.",
    ),
    Column(
        "voice_id_result_fraud_detection_risk_score_voice_spoofing",
        BIGINT,
        f"{_FRAUD}.RiskScoreVoiceSpoofing",
        "Risk that the caller's voice is played back or synthetic.",
    ),
    Column(
        "voice_id_result_fraud_detection_score_threshold",
        BIGINT,
        f"{_FRAUD}.ScoreThreshold",
        "Risk from which the caller counts as a fraudster.",
    ),
    Column(
        "agent_pause_duration_ms",
        BIGINT,
        "Agent.AgentPauseDuration | Agent.AgentPauseDurationInSeconds",
        "Time the task was paused while it was with the agent; only tasks.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "voice_id_result_speaker_enrolled",
        BOOLEAN,
        "VoiceIdResult.SpeakerEnrolled",
        "Whether the caller's voice was enrolled during the contact.",
    ),
    Column(
        "voice_id_result_speaker_opted_out",
        BOOLEAN,
        "VoiceIdResult.SpeakerOptedOut",
        "Whether the caller opted out of Voice ID during the contact.",
    ),
)

COLLECTIONS = (
    Column(
        "media_streams_items",
        Array(MEDIA_STREAM),
        "MediaStreams",
        "Media of the contact: AUDIO, CHAT, AUTOMATED_INTERACTION.",
    ),
    Column(
        "voice_id_result_fraud_detection_reasons_items",
        Array(STRING),
        f"{_FRAUD}.Reasons",
        "Kinds of fraud that were suspected.",
    ),
    Column(
        "tags_references_items",
        Map(STRING),
        "Tags",
        "Tags of the contact, the vendor's (aws:connect:…) and the user's, key to value.",
    ),
    Column(
        "contact_details",
        Map(STRING),
        "ContactDetails",
        "A task's name, description and details, name to value; for other channels see attributes.",
        sensitive=True,
    ),
    Column(
        "contact_evaluations",
        CONTACT_EVALUATIONS,
        "ContactEvaluations",
        "Evaluations of the contact by form id: their state, times and where they were exported.",
    ),
    Column(
        "references",
        Array(REFERENCE),
        "References",
        "What was attached to the contact: links, files, e-mails, values; files carry a status.",
        sensitive=True,
    ),
    Column(
        "email_recipients",
        Array(EMAIL_RECIPIENTS),
        doc=f"Recipients and sender of an e-mail contact. {NO_SOURCE}",
        sensitive=True,
    ),
    Column(
        "additional_email_recipients",
        Array(EMAIL_RECIPIENTS),
        "AdditionalEmailRecipients",
        "Everyone else an e-mail contact was addressed to (To and Cc).",
        sensitive=True,
    ),
    Column(
        "agent_state_transitions",
        Array(STATE_TRANSITION),
        "Agent.StateTransitions",
        "A supervisor's stages in the contact: SILENT_MONITOR, BARGE.",
    ),
    Column(
        "recordings",
        Array(RECORDING),
        "Recordings",
        "All recordings and transcripts: where, of whom, from when to when; the first is the one in recording_….",
    ),
)


def _device(name: str, key: str, whose: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_platform_name", STRING, f"{key}.PlatformName", f"Platform of {whose} device."),
        Column(f"{name}_platform_version", STRING, f"{key}.PlatformVersion", f"Platform version of {whose} device."),
        Column(f"{name}_operating_system", STRING, f"{key}.OperatingSystem", f"Operating system of {whose} device."),
    )


SESSION = (
    *_device("agent_device", "Agent.DeviceInfo", "the agent's"),
    *_device("customer_device", "Customer.DeviceInfo", "the customer's"),
    Column(
        "disconnect_details_potential_disconnect_issue",
        STRING,
        "DisconnectDetails.PotentialDisconnectIssue",
        "Technical trouble that may have ended the call.",
        values=(
            "AGENT_CONNECTIVITY_ISSUE",
            "AGENT_DEVICE_ISSUE",
            "CUSTOMER_CONNECTIVITY_ISSUE",
            "CUSTOMER_DEVICE_ISSUE",
        ),
    ),
    Column("last_resumed_timestamp", TIMESTAMP, "LastResumedTimestamp", "When the contact was last resumed."),
    Column("last_paused_timestamp", TIMESTAMP, "LastPausedTimestamp", "When the contact was last paused."),
    Column(
        "customer_voice_activity_greeting_start_timestamp",
        TIMESTAMP,
        "CustomerVoiceActivity.GreetingStartTimestamp",
        "When the customer's greeting began; only calls with answering machine detection.",
    ),
    Column(
        "customer_voice_activity_greeting_end_timestamp",
        TIMESTAMP,
        "CustomerVoiceActivity.GreetingEndTimestamp",
        "When the customer's greeting ended; only calls with answering machine detection.",
    ),
    Column(
        "total_pause_duration_ms",
        BIGINT,
        "TotalPauseDurationInSeconds",
        "Time the contact was paused in all, with an agent or without.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "total_pause_count", BIGINT, "TotalPauseCount", "How often the contact was paused, with an agent or without."
    ),
    Column(
        "quality_metrics_agent_audio",
        AUDIO_QUALITY,
        "QualityMetrics.Agent.Audio",
        "How the agent sounded to the customer: score 1 to 5, and what may have spoilt it.",
    ),
    Column(
        "quality_metrics_customer_audio",
        AUDIO_QUALITY,
        "QualityMetrics.Customer.Audio",
        "How the customer sounded to the agent: score 1 to 5, and what may have spoilt it; only web calls.",
    ),
    Column(
        "segment_attributes",
        Map(STRING),
        "SegmentAttributes",
        "Attributes that the system keeps on the contact, such as connect:Subtype; strings out of the typed values.",
        take=Take.VALUE_STRING,
        sensitive=True,
    ),
)

LATEST = (
    Column(
        "q_in_connect_session_arn",
        STRING,
        "WisdomInfo.SessionArn",
        "ARN of the contact's session with the agents' AI assistant.",
    ),
    Column(
        "ai_agents",
        Array(AI_AGENT),
        "WisdomInfo.AiAgents",
        "AI agents that took part: what for, which version, and whether they handed over to a person.",
    ),
    Column(
        "customer_phone_number_prefix",
        STRING,
        doc=f"Leading digits of the customer's number. {NO_SOURCE}",
        sensitive=True,
    ),
    Column(
        "agent_capabilities_video", STRING, "Agent.Capabilities.Video", "Whether the agent could send video (SEND)."
    ),
    Column(
        "customer_capabilities_video",
        STRING,
        "Customer.Capabilities.Video",
        "Whether the customer could send video (SEND).",
    ),
    Column(
        "contact_association_id",
        STRING,
        "ContactAssociationId",
        "Id that all related contacts share, such as those of one e-mail thread.",
    ),
    Column(
        "contact_routing_queue_priority",
        BIGINT,
        "QueuePriority",
        "Priority of the contact in its queue; smaller is served first.",
    ),
    Column(
        "contact_routing_queue_time_adjustment_ms",
        BIGINT,
        "QueueTimeAdjustmentSeconds",
        "Time by which the contact was moved forward or back in its queue.",
        take=Take.SECONDS,
        unit="ms",
    ),
    *(
        Column(
            f"{name}_endpoint_display_name",
            STRING,
            f"{key}.DisplayName",
            f"Name shown for {whose} end point.",
            sensitive=True,
        )
        for name, key, whose in (
            ("customer", "CustomerEndpoint", "the customer's"),
            ("system", "SystemEndpoint", "the contact centre's own"),
            ("transferred", "TransferredToEndpoint", "the outside"),
        )
    ),
    Column(
        "disconnect_details_telemetry_inferred_reason",
        STRING,
        "DisconnectDetails.TelemetryInferredReason",
        "Why the call ended, as its telemetry suggests (key inferred, not published).",
    ),
    Column(
        "quality_metrics_agent_reported_issue",
        STRING,
        "QualityMetrics.Agent.ReportedIssue",
        "Quality issue that the agent reported (key inferred, not published).",
    ),
    Column("task_template_arn", STRING, "TaskTemplateInfo.Arn", "ARN of the template that the task was made from."),
    Column("task_template_name", STRING, "TaskTemplateInfo.Name", "Name of the template that the task was made from."),
    Column(
        "routing_criteria",
        Array(ROUTING_CRITERIA),
        "RoutingCriteria",
        "What an agent had to match, step by step: the last three versions; a step's expression is JSON text.",
    ),
)
