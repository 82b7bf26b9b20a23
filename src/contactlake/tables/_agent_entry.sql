-- The contacts of every list with numbers in place of long texts.
SELECT e.part, e.list, c.contact, e.state, e.state_start, e.reached, f.face
FROM _agent_list_entry AS e
JOIN _agent_contact AS c ON c.contact_id = e.contact_id
JOIN _agent_contact_face AS f
  ON f.method IS NOT DISTINCT FROM e.method
  AND f.channel IS NOT DISTINCT FROM e.channel
  AND f.queue_arn IS NOT DISTINCT FROM e.queue_arn
