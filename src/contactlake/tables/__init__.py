"""The tables, one module each, named exactly as the table; a table is declared here and nowhere else.

Tables that no stream fills stand together, one module per family.
"""

from contactlake.model.table import Table
from contactlake.tables.agent_configuration import AGENT_CONFIGURATION
from contactlake.tables.agent_contact_span import AGENT_CONTACT_SPAN
from contactlake.tables.agent_event import AGENT_EVENT
from contactlake.tables.agent_hierarchy_groups import AGENT_HIERARCHY_GROUPS
from contactlake.tables.agent_queue_statistic_record import AGENT_QUEUE_STATISTIC_RECORD
from contactlake.tables.agent_statistic_record import AGENT_STATISTIC_RECORD
from contactlake.tables.agent_status import AGENT_STATUS
from contactlake.tables.agent_status_span import AGENT_STATUS_SPAN
from contactlake.tables.ai_agents import (
    AI_AGENT,
    AI_AGENT_KNOWLEDGE_BASE,
    AI_PROMPT,
    AI_SESSION,
    AI_TOOL,
)
from contactlake.tables.bots import (
    BOT_CONVERSATIONS,
    BOT_INTENTS,
    BOT_SLOTS,
)
from contactlake.tables.campaigns import OUTBOUND_CAMPAIGN_EVENTS
from contactlake.tables.cases import CASE_EVENTS, CASE_RELATED_ITEM_EVENTS
from contactlake.tables.contact_analysis import CONTACT_ANALYSIS
from contactlake.tables.contact_evaluation import CONTACT_EVALUATION
from contactlake.tables.contact_evaluation_record import CONTACT_EVALUATION_RECORD
from contactlake.tables.contact_event import CONTACT_EVENT
from contactlake.tables.contact_flow_events import CONTACT_FLOW_EVENTS
from contactlake.tables.contact_flow_log import CONTACT_FLOW_LOG
from contactlake.tables.contact_lens_conversational_analytics import CONTACT_LENS_CONVERSATIONAL_ANALYTICS
from contactlake.tables.contact_record import CONTACT_RECORD
from contactlake.tables.contact_record_analysis import CONTACT_RECORD_ANALYSIS
from contactlake.tables.contact_statistic_record import CONTACT_STATISTIC_RECORD
from contactlake.tables.directory_resource import DIRECTORY_RESOURCE
from contactlake.tables.forecasting import (
    DEMAND_GROUP,
    DEMAND_GROUP_DEFINITIONS,
    FORECAST_GROUPS,
    INTRADAY_FORECASTS,
    LONG_TERM_FORECASTS,
    SHORT_TERM_FORECASTS,
)
from contactlake.tables.quarantine import QUARANTINE
from contactlake.tables.record_version import RECORD_VERSION
from contactlake.tables.resource_name import RESOURCE_NAME
from contactlake.tables.routing_profiles import ROUTING_PROFILES
from contactlake.tables.scheduling import (
    SCHEDULE_GOALS,
    SCHEDULE_METRICS,
    STAFF_DEMAND_GROUP,
    STAFF_SCHEDULING_PROFILE,
    STAFFING_GROUP_DEMAND_GROUP,
    STAFFING_GROUP_FORECAST_GROUPS,
    STAFFING_GROUP_SUPERVISORS,
    STAFFING_GROUPS,
)
from contactlake.tables.shifts import (
    SHIFT_ACTIVITIES,
    SHIFT_PROFILES,
    SHIFT_ROTATION_PATTERNS,
    SHIFT_ROTATION_STEPS,
    STAFF_SHIFT_ACTIVITIES,
    STAFF_SHIFT_ACTIVITY_ALLOCATIONS,
    STAFF_SHIFTS,
)
from contactlake.tables.tags import AMAZON_CONNECT_RESOURCE_TAGS
from contactlake.tables.test_cases import CONNECT_TEST_CASE_EXECUTION_RESULTS
from contactlake.tables.time_off import (
    STAFF_TIMEOFF_BALANCE_CHANGES,
    STAFF_TIMEOFF_INTERVALS,
    STAFF_TIMEOFFS,
)
from contactlake.tables.users import USERS

VENDOR_TABLES: tuple[Table, ...] = (
    AGENT_QUEUE_STATISTIC_RECORD,
    AGENT_STATISTIC_RECORD,
    AGENT_EVENT,
    CONTACT_RECORD,
    CONTACT_STATISTIC_RECORD,
    CONTACT_LENS_CONVERSATIONAL_ANALYTICS,
    CONTACT_EVALUATION_RECORD,
    CONTACT_FLOW_EVENTS,
    CONNECT_TEST_CASE_EXECUTION_RESULTS,
    AGENT_HIERARCHY_GROUPS,
    ROUTING_PROFILES,
    USERS,
    AMAZON_CONNECT_RESOURCE_TAGS,
    BOT_CONVERSATIONS,
    BOT_INTENTS,
    BOT_SLOTS,
    AI_AGENT,
    AI_AGENT_KNOWLEDGE_BASE,
    AI_PROMPT,
    AI_SESSION,
    AI_TOOL,
    CASE_EVENTS,
    CASE_RELATED_ITEM_EVENTS,
    OUTBOUND_CAMPAIGN_EVENTS,
    STAFF_SCHEDULING_PROFILE,
    SHIFT_ACTIVITIES,
    SHIFT_PROFILES,
    STAFFING_GROUPS,
    STAFFING_GROUP_FORECAST_GROUPS,
    STAFFING_GROUP_SUPERVISORS,
    STAFF_SHIFTS,
    STAFF_SHIFT_ACTIVITIES,
    STAFF_TIMEOFF_BALANCE_CHANGES,
    STAFF_TIMEOFFS,
    STAFF_TIMEOFF_INTERVALS,
    STAFF_DEMAND_GROUP,
    STAFFING_GROUP_DEMAND_GROUP,
    STAFF_SHIFT_ACTIVITY_ALLOCATIONS,
    SCHEDULE_METRICS,
    SCHEDULE_GOALS,
    SHIFT_ROTATION_PATTERNS,
    SHIFT_ROTATION_STEPS,
    FORECAST_GROUPS,
    LONG_TERM_FORECASTS,
    SHORT_TERM_FORECASTS,
    INTRADAY_FORECASTS,
    DEMAND_GROUP,
    DEMAND_GROUP_DEFINITIONS,
)
"""Every table of the vendor's documentation, in its order."""

OUR_TABLES: tuple[Table, ...] = (
    AGENT_STATUS_SPAN,
    AGENT_CONTACT_SPAN,
    AGENT_STATUS,
    AGENT_CONFIGURATION,
    RESOURCE_NAME,
    CONTACT_EVENT,
    CONTACT_FLOW_LOG,
    CONTACT_ANALYSIS,
    CONTACT_RECORD_ANALYSIS,
    CONTACT_EVALUATION,
    DIRECTORY_RESOURCE,
    QUARANTINE,
    RECORD_VERSION,
)
"""The tables of contactlake's own."""

TABLES: tuple[Table, ...] = VENDOR_TABLES + OUR_TABLES
"""Every table of a lake."""

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
"""The tables by name."""
