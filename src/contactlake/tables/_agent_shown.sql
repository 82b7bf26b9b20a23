-- What the evidence shows of agents, configurations and statuses, each combination once: as it is stored, and with empty
-- text as absent. A previous snapshot whose status has neither ARN nor name counts as absent altogether: its
-- `previous_type` is null.
SELECT
  *,
  CASE
    WHEN current_agent_status_type IN ('ROUTABLE', 'CUSTOM', 'OFFLINE') THEN current_agent_status_type
    WHEN status_name = 'Available' THEN 'ROUTABLE'
    WHEN status_name = 'Offline' THEN 'OFFLINE'
    ELSE 'CUSTOM'
  END AS status_type,
  CASE
    WHEN COALESCE(previous_arn, previous_name) IS NULL THEN NULL
    WHEN previous_agent_status_type IN ('ROUTABLE', 'CUSTOM', 'OFFLINE') THEN previous_agent_status_type
    WHEN previous_name = 'Available' THEN 'ROUTABLE'
    WHEN previous_name = 'Offline' THEN 'OFFLINE'
    ELSE 'CUSTOM'
  END AS previous_type
FROM (
  SELECT
    *,
    agent_arn AS user_arn,
    NULLIF(current_routing_profile_arn, '') AS agent_routing_profile_arn,
    NULLIF(current_agent_hierarchy_groups_level_1_arn, '') AS agent_hierarchy_level_1_arn,
    NULLIF(current_agent_hierarchy_groups_level_2_arn, '') AS agent_hierarchy_level_2_arn,
    NULLIF(current_agent_hierarchy_groups_level_3_arn, '') AS agent_hierarchy_level_3_arn,
    NULLIF(current_agent_hierarchy_groups_level_4_arn, '') AS agent_hierarchy_level_4_arn,
    NULLIF(current_agent_hierarchy_groups_level_5_arn, '') AS agent_hierarchy_level_5_arn,
    NULLIF(current_agent_status_arn, '') AS status_arn,
    NULLIF(current_agent_status_name, '') AS status_name,
    NULLIF(previous_agent_status_arn, '') AS previous_arn,
    NULLIF(previous_agent_status_name, '') AS previous_name
  FROM (SELECT DISTINCT ${shown_columns} FROM _agent_evidence) AS seen
) AS shown
