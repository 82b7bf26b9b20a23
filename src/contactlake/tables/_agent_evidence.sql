-- Agent events that are evidence (statistics rules, section 2), times as whole milliseconds (further digits cut).
-- Empty text counts as absent; whether the ARN has a user id is judged later. A previous snapshot whose status has
-- neither ARN nor name counts as absent altogether: its `previous_type` is null. Contacts stand as they are stored:
-- lists are dear to copy, and `_agent_list` numbers none that is empty.
SELECT
  instance_id,
  event_id,
  t,
  CASE event_type WHEN 'LOGIN' THEN 1 WHEN 'LOGOUT' THEN 2 ELSE 0 END AS kind,
  aws_account_id,
  instance_arn,
  agent_arn AS user_arn,
  NULLIF(current_routing_profile_arn, '') AS agent_routing_profile_arn,
  NULLIF(current_agent_hierarchy_groups_level_1_arn, '') AS agent_hierarchy_level_1_arn,
  NULLIF(current_agent_hierarchy_groups_level_2_arn, '') AS agent_hierarchy_level_2_arn,
  NULLIF(current_agent_hierarchy_groups_level_3_arn, '') AS agent_hierarchy_level_3_arn,
  NULLIF(current_agent_hierarchy_groups_level_4_arn, '') AS agent_hierarchy_level_4_arn,
  NULLIF(current_agent_hierarchy_groups_level_5_arn, '') AS agent_hierarchy_level_5_arn,
  status_arn,
  status_name,
  CASE
    WHEN current_agent_status_type IN ('ROUTABLE', 'CUSTOM', 'OFFLINE') THEN current_agent_status_type
    WHEN status_name = 'Available' THEN 'ROUTABLE'
    WHEN status_name = 'Offline' THEN 'OFFLINE'
    ELSE 'CUSTOM'
  END AS status_type,
  status_start,
  previous_arn,
  previous_name,
  CASE
    WHEN COALESCE(previous_arn, previous_name) IS NULL THEN NULL
    WHEN previous_agent_status_type IN ('ROUTABLE', 'CUSTOM', 'OFFLINE') THEN previous_agent_status_type
    WHEN previous_name = 'Available' THEN 'ROUTABLE'
    WHEN previous_name = 'Offline' THEN 'OFFLINE'
    ELSE 'CUSTOM'
  END AS previous_type,
  CASE WHEN COALESCE(previous_arn, previous_name) IS NOT NULL THEN previous_start END AS previous_start,
  current_contacts AS contacts,
  previous_contacts
FROM (
  SELECT
    *,
    CAST(FLOOR(EPOCH_US(event_timestamp) / 1000) AS BIGINT) AS t,
    NULLIF(current_agent_status_arn, '') AS status_arn,
    NULLIF(current_agent_status_name, '') AS status_name,
    CAST(FLOOR(EPOCH_US(current_agent_status_start_timestamp) / 1000) AS BIGINT) AS status_start,
    NULLIF(previous_agent_status_arn, '') AS previous_arn,
    NULLIF(previous_agent_status_name, '') AS previous_name,
    CAST(FLOOR(EPOCH_US(previous_agent_status_start_timestamp) / 1000) AS BIGINT) AS previous_start
  FROM _agent_event
) AS seen
WHERE agent_arn IS NOT NULL AND t IS NOT NULL AND COALESCE(status_arn, status_name) IS NOT NULL
