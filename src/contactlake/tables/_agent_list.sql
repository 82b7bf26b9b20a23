-- The lists of contacts that snapshots show, each once; most lists are shown by many snapshots. Lists are dear to
-- compare and cheap to hash, so that their hash stands for them.
SELECT CAST(HASH(contacts) >> 1 AS BIGINT) AS hashed, contacts
FROM (SELECT contacts FROM _agent_evidence UNION SELECT previous_contacts FROM _agent_evidence) AS lists
WHERE LEN(contacts) > 0
