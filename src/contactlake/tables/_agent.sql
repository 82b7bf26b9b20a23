-- The agents.
SELECT DISTINCT agent, instance_id, user_id FROM _agent_config
