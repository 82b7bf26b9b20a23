-- What the evidence shows, as it is stored, with the numbers that stand for it.
SELECT
  ${shown_columns_of_e},
  g.agent,
  g.config,
  f.face,
  p.face AS previous_face
FROM _agent_shown AS e
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
