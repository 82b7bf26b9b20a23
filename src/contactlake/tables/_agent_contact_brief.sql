-- Contact spans with the ids of their events and their words; agent and configuration are numbers still: brief to keep.
SELECT
  p.agent,
  p.config,
  n.contact_id,
  e.event_id AS appeared_by,
  COALESCE(e.position, 1) AS appeared_place,
  CAST(p.number AS BIGINT) AS state_number,
  MAKE_TIMESTAMPTZ(p.a * 1000) AS start_time,
  MAKE_TIMESTAMPTZ(p.b * 1000) AS end_time,
  p.ends IS NULL AS still_open,
  p.known,
  p.state,
  MAKE_TIMESTAMPTZ(p.state_start * 1000) AS state_start_time,
  p.state_class,
  p.connected,
  q.method AS initiation_method,
  q.channel,
  q.queue_id,
  q.queue_type,
  q.queue_arn,
  p.repaired,
  p.silent AS cut_by_silence,
  CASE p.opened_by % 2 WHEN 0 THEN o.event_id ELSE o.event_id_before END AS opened_by,
  CASE p.closed_by % 2 WHEN 0 THEN k.event_id ELSE k.event_id_before END AS closed_by
FROM _agent_contact_piece AS p
JOIN _agent_timeline AS e ON e.i = p.appearance_key // 2
JOIN _agent_contact_face AS q ON q.face = p.face
JOIN _agent_contact AS n ON n.contact = p.contact
JOIN _agent_timeline AS o ON o.i = (p.opened_by + 1) // 2
JOIN _agent_timeline AS k ON k.i = (p.closed_by + 1) // 2
