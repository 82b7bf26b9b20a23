-- contact_statistic_record with names beside ids: those that the contact's record carries are those of its time; the
-- agent's full name is the one known when the contact ended.
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
ASOF LEFT JOIN _named_agent AS a
  ON a.instance_id = s.instance_id AND a.user_id = s.agent_id AND s.disconnect_timestamp >= a.first_seen
