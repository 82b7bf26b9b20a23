-- The lists of contacts that snapshots show, each once; most are shown by many snapshots. Lists are dear to compare and
-- cheap to hash, so that their hash stands for them. Most lists have one contact: its columns tell it from others in
-- place of the list; longer lists are `several`.
SELECT DISTINCT
  hashed,
  several,
  ${contact_columns}
FROM (
  SELECT
    CAST(HASH(contacts) >> 1 AS BIGINT) AS hashed,
    CASE WHEN LEN(contacts) > 1 THEN contacts END AS several,
    contacts[1] AS x
  FROM (SELECT contacts FROM _agent_evidence UNION ALL SELECT previous_contacts FROM _agent_evidence) AS lists
  WHERE LEN(contacts) > 0
) AS hashes
