-- agent_contact_span: the contact spans with their words (sections 3 and 4).
SELECT
  a.instance_id,
  a.user_id,
  p.* EXCLUDE (agent, config),
  ${span_config_names}
FROM _agent_contact_brief AS p
JOIN _agent AS a ON a.agent = p.agent
JOIN _agent_config AS g ON g.config = p.config
