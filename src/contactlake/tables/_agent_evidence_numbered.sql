-- The evidence with numbers in place of long texts.
SELECT
  s.agent,
  e.event_id,
  e.t,
  e.kind,
  s.config,
  s.face,
  e.status_start,
  s.previous_face,
  CASE WHEN s.previous_face IS NOT NULL THEN e.previous_start END AS previous_start,
  COALESCE(c.list, CASE WHEN LEN(e.contacts) > 0 THEN CAST(HASH(e.contacts) >> 1 AS BIGINT) END) AS list,
  CASE WHEN s.previous_face IS NOT NULL AND LEN(e.previous_contacts) > 0
    THEN COALESCE(q.list, CAST(HASH(e.previous_contacts) >> 1 AS BIGINT))
  END AS previous_list
FROM _agent_evidence AS e
JOIN _agent_shown_numbered AS s
  ON ${same_shown_columns}
LEFT JOIN _agent_list_shared AS c ON c.contacts = e.contacts
LEFT JOIN _agent_list_shared AS q ON q.contacts = e.previous_contacts
