-- A small number for every agent.
SELECT ROW_NUMBER() OVER (ORDER BY instance_id, user_id) AS agent, instance_id, user_id
FROM (SELECT DISTINCT instance_id, user_id FROM _agent_evidence) AS agents
