-- The evidence with numbers in place of long texts.
SELECT
  g.agent,
  e.event_id,
  e.t,
  e.kind,
  g.config,
  f.face,
  e.status_start,
  p.face AS previous_face,
  e.previous_start,
  COALESCE(c.list, CASE WHEN LEN(e.contacts) > 0 THEN CAST(HASH(e.contacts) >> 1 AS BIGINT) END) AS list,
  CASE WHEN e.previous_type IS NOT NULL AND LEN(e.previous_contacts) > 0
    THEN COALESCE(q.list, CAST(HASH(e.previous_contacts) >> 1 AS BIGINT))
  END AS previous_list
FROM _agent_evidence AS e
JOIN _agent_config AS g
  ON g.instance_id = e.instance_id
  AND g.aws_account_id IS NOT DISTINCT FROM e.aws_account_id
  AND g.instance_arn IS NOT DISTINCT FROM e.instance_arn
  AND g.user_arn IS NOT DISTINCT FROM e.user_arn
  AND g.agent_routing_profile_arn IS NOT DISTINCT FROM e.agent_routing_profile_arn
  AND g.agent_hierarchy_level_1_arn IS NOT DISTINCT FROM e.agent_hierarchy_level_1_arn
  AND g.agent_hierarchy_level_2_arn IS NOT DISTINCT FROM e.agent_hierarchy_level_2_arn
  AND g.agent_hierarchy_level_3_arn IS NOT DISTINCT FROM e.agent_hierarchy_level_3_arn
  AND g.agent_hierarchy_level_4_arn IS NOT DISTINCT FROM e.agent_hierarchy_level_4_arn
  AND g.agent_hierarchy_level_5_arn IS NOT DISTINCT FROM e.agent_hierarchy_level_5_arn
JOIN _agent_status_face AS f
  ON f.status_arn IS NOT DISTINCT FROM e.status_arn
  AND f.status_name IS NOT DISTINCT FROM e.status_name
  AND f.status_type = e.status_type
LEFT JOIN _agent_status_face AS p
  ON p.status_arn IS NOT DISTINCT FROM e.previous_arn
  AND p.status_name IS NOT DISTINCT FROM e.previous_name
  AND p.status_type = e.previous_type
LEFT JOIN _agent_list_shared AS c ON c.contacts = e.contacts
LEFT JOIN _agent_list_shared AS q ON q.contacts = e.previous_contacts
