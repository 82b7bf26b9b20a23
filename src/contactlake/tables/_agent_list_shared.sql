-- Lists whose hash is that of another list, too (hardly ever any): they get numbers of their own, below 0.
SELECT -ROW_NUMBER() OVER () AS list, hashed, contacts
FROM (
  SELECT DISTINCT CAST(HASH(contacts) >> 1 AS BIGINT) AS hashed, contacts
  FROM (SELECT contacts FROM _agent_evidence UNION ALL SELECT previous_contacts FROM _agent_evidence) AS lists
  WHERE CAST(HASH(contacts) >> 1 AS BIGINT) IN (SELECT hashed FROM _agent_list GROUP BY hashed HAVING COUNT(*) > 1)
) AS shared
