-- contact_statistic_record with names beside ids: those that the contact's record carries are those of its time; the
-- agent's full name is the one known when the contact ended, from agent events.
WITH
agent_name AS (
  SELECT
    instance_id,
    NULLIF(REGEXP_EXTRACT(agent_arn, '(?:^|/)agent/([^/]+)', 1), '') AS user_id,
    event_timestamp AS t,
    current_configuration_username AS agent_username,
    NULLIF(TRIM(CONCAT_WS(' ', current_configuration_first_name, current_configuration_last_name)), '') AS agent_name
  FROM agent_event
  WHERE current_configuration_username IS NOT NULL
)
SELECT
  s.*,
  r.queue_name,
  COALESCE(r.agent_username, a.agent_username) AS agent_username,
  a.agent_name,
  r.agent_routing_profile_name,
  r.agent_hierarchy_groups_level_1_name,
  r.agent_hierarchy_groups_level_2_name,
  r.agent_hierarchy_groups_level_3_name,
  r.agent_hierarchy_groups_level_4_name,
  r.agent_hierarchy_groups_level_5_name
FROM contact_statistic_record AS s
LEFT JOIN contact_record AS r ON r.instance_id = s.instance_id AND r.contact_id = s.contact_id
ASOF LEFT JOIN agent_name AS a
  ON a.instance_id = s.instance_id AND a.user_id = s.agent_id AND s.disconnect_timestamp >= a.t
