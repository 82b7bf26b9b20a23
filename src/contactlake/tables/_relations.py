"""The documented keys by which tables are joined, each said once.

No documented table lists the queues: a queue is known when an agent's statistics have it.
"""

from contactlake.model.relation import Relation
from contactlake.tables._shapes import LEVELS

_CONTACT = ("contact_record", "contact_id")
_USER = ("users", "user_id")
_USER_ARN = ("users", "user_arn")
_PROFILE = ("routing_profiles", "agent_routing_profile_id")
_GROUP = ("agent_hierarchy_groups", "agent_hierarchy_group_id")
_QUEUE = ("agent_queue_statistic_record", "queue_id")
_STATISTICS = ("agent_statistic_record", "agent_queue_statistic_record")

_CONTACTS = (
    *(
        Relation("contact_record", f"{which}_contact_id", *_CONTACT)
        for which in ("next", "previous", "initial", "related")
    ),
    Relation("contact_record", "queue_id", *_QUEUE),
    Relation("contact_record", "agent_id", *_USER),
    Relation("contact_record", "agent_routing_profile_id", *_PROFILE),
    *(Relation("contact_record", f"agent_hierarchy_groups_level_{n}_id", *_GROUP) for n in LEVELS),
    Relation("contact_statistic_record", "contact_id", *_CONTACT),
    Relation("contact_statistic_record", "queue_id", *_QUEUE),
    Relation("contact_statistic_record", "agent_id", *_USER),
)

_ABOUT_CONTACTS = (
    *(
        Relation(table, "contact_id", *_CONTACT)
        for table in (
            *("contact_lens_conversational_analytics", "contact_evaluation_record", "contact_flow_events"),
            *("contact_analysis", "contact_evaluation", "contact_event", "contact_flow_log", "agent_contact_span"),
            *("bot_conversations", "bot_intents", "bot_slots"),
            *("ai_agent", "ai_agent_knowledge_base", "ai_prompt", "ai_session", "ai_tool"),
            "case_related_item_events",
        )
    ),
    Relation("contact_evaluation_record", "user_id", *_USER),
    Relation("contact_evaluation_record", "queue_id", *_QUEUE),
    Relation("contact_evaluation", "agent_id", *_USER),
    Relation("connect_test_case_execution_results", "connect_test_case_associated_initial_contact_id", *_CONTACT),
    Relation("connect_test_case_execution_results", "connect_test_case_associated_contact_ids", *_CONTACT),
    *(
        Relation(table, "ai_session_id", "ai_session", "ai_session_id")
        for table in ("ai_agent", "ai_agent_knowledge_base", "ai_prompt", "ai_tool")
    ),
)

_AGENTS = (
    *(Relation(table, "user_id", *_USER) for table in _STATISTICS),
    *(Relation(table, "routing_profile_id", *_PROFILE) for table in _STATISTICS),
    *(Relation(table, f"agent_hierarchy_level_{n}_id", *_GROUP) for table in _STATISTICS for n in LEVELS),
    Relation("users", "agent_routing_profile_id", *_PROFILE),
    Relation("users", "agent_hierarchy_group_id", *_GROUP),
    Relation("routing_profiles", "default_outbound_queue_id", *_QUEUE),
)

_PLANS = (
    *(
        Relation(table, "agent_arn", *_USER_ARN)
        for table in (
            *("staff_scheduling_profile", "staff_shifts", "staff_timeoffs", "staff_timeoff_balance_changes"),
            "staff_demand_group",
        )
    ),
    *(
        Relation(table, column, to, column)
        for column, to, *tables in (
            ("staffing_group_arn", "staffing_groups", "staff_scheduling_profile", "staffing_group_forecast_groups",
             "staffing_group_supervisors", "staffing_group_demand_group"),
            ("shift_profile_arn", "shift_profiles", "staff_scheduling_profile", "shift_rotation_steps"),
            ("shift_rotation_pattern_arn", "shift_rotation_patterns", "staff_scheduling_profile",
             "shift_rotation_steps"),
            ("shift_activity_arn", "shift_activities", "staff_shift_activities", "staff_timeoffs",
             "staff_timeoff_balance_changes"),
            ("shift_id", "staff_shifts", "staff_shift_activities", "staff_shift_activity_allocations"),
            ("timeoff_id", "staff_timeoffs", "staff_timeoff_intervals", "staff_timeoff_balance_changes"),
            ("forecast_group_arn", "forecast_groups", "staffing_group_forecast_groups", "long_term_forecasts",
             "short_term_forecasts", "demand_group", "staff_shift_activity_allocations"),
            ("demand_group_arn", "demand_group", "staff_demand_group", "staffing_group_demand_group",
             "staff_shift_activity_allocations", "demand_group_definitions"),
        )
        for table in tables
    ),
    Relation("staffing_group_supervisors", "supervisor_arn", *_USER_ARN),
    *(
        Relation(table, "queue_id", *_QUEUE)
        for table in ("long_term_forecasts", "short_term_forecasts", "demand_group_definitions")
    ),
)  # fmt: skip

RELATIONS: tuple[Relation, ...] = (*_CONTACTS, *_ABOUT_CONTACTS, *_AGENTS, *_PLANS)
"""Every relation that ``check`` looks into."""
