-- A number for every list of contacts that a snapshot shows; most lists are shown by many snapshots.
SELECT ROW_NUMBER() OVER () AS list, contacts
FROM (
  SELECT contacts FROM _agent_evidence WHERE contacts IS NOT NULL
  UNION
  SELECT previous_contacts FROM _agent_evidence WHERE previous_contacts IS NOT NULL
) AS lists
