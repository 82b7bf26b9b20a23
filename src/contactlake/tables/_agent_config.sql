-- A number for every configuration of an agent that a current snapshot shows, with the ids behind its ARNs (section 1); `grain`
-- numbers the combinations of ids. Numbers follow the order of the texts: of several the greatest stands for a row.
SELECT
  *,
  ${grain_text} AS grain_text,
  CAST(DENSE_RANK() OVER (ORDER BY instance_id, user_id) AS INTEGER) AS agent,
  CAST(DENSE_RANK() OVER (
    ORDER BY routing_profile_id, agent_hierarchy_level_1_id, agent_hierarchy_level_2_id, agent_hierarchy_level_3_id,
      agent_hierarchy_level_4_id, agent_hierarchy_level_5_id
  ) AS INTEGER) AS grain
FROM (
SELECT
  CAST(ROW_NUMBER() OVER (ORDER BY aws_account_id NULLS FIRST, instance_arn NULLS FIRST, user_arn NULLS FIRST,
    agent_routing_profile_arn NULLS FIRST, agent_hierarchy_level_1_arn NULLS FIRST,
    agent_hierarchy_level_2_arn NULLS FIRST, agent_hierarchy_level_3_arn NULLS FIRST,
    agent_hierarchy_level_4_arn NULLS FIRST, agent_hierarchy_level_5_arn NULLS FIRST) AS INTEGER) AS config,
  *,
  NULLIF(REGEXP_EXTRACT(user_arn, '${before_user_id}([^/]+)', 1), '') AS user_id,
  NULLIF(REGEXP_EXTRACT(agent_routing_profile_arn, '[^/]*$'), '') AS routing_profile_id,
  NULLIF(REGEXP_EXTRACT(agent_hierarchy_level_1_arn, '[^/]*$'), '') AS agent_hierarchy_level_1_id,
  NULLIF(REGEXP_EXTRACT(agent_hierarchy_level_2_arn, '[^/]*$'), '') AS agent_hierarchy_level_2_id,
  NULLIF(REGEXP_EXTRACT(agent_hierarchy_level_3_arn, '[^/]*$'), '') AS agent_hierarchy_level_3_id,
  NULLIF(REGEXP_EXTRACT(agent_hierarchy_level_4_arn, '[^/]*$'), '') AS agent_hierarchy_level_4_id,
  NULLIF(REGEXP_EXTRACT(agent_hierarchy_level_5_arn, '[^/]*$'), '') AS agent_hierarchy_level_5_id
FROM (
  SELECT DISTINCT
    instance_id,
    aws_account_id,
    instance_arn,
    user_arn,
    agent_routing_profile_arn,
    agent_hierarchy_level_1_arn,
    agent_hierarchy_level_2_arn,
    agent_hierarchy_level_3_arn,
    agent_hierarchy_level_4_arn,
    agent_hierarchy_level_5_arn
  FROM _agent_shown
) AS configs
) AS identified
WHERE user_id IS NOT NULL
