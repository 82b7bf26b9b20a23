-- A small number for every agent, and for every part of its history that is derived on its own.
SELECT
  ROW_NUMBER() OVER (ORDER BY instance_id, user_id, part) AS agent,
  DENSE_RANK() OVER (ORDER BY instance_id, user_id) AS person,
  instance_id,
  user_id,
  part
FROM (SELECT DISTINCT instance_id, user_id, part FROM _agent_evidence) AS agents
