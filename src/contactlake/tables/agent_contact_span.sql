-- agent_contact_span: the contact spans with their words (sections 3 and 4).
SELECT
  a.instance_id,
  a.user_id,
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
  CASE p.closed_by % 2 WHEN 0 THEN k.event_id ELSE k.event_id_before END AS closed_by,
  ${span_config_names}
FROM _agent_contact_piece AS p
JOIN _agent_timeline AS e ON e.i = p.appearance_key // 2
JOIN _agent AS a ON a.agent = p.agent
JOIN _agent_config AS g ON g.config = p.config
JOIN _agent_contact_face AS q ON q.face = p.face
JOIN _agent_contact AS n ON n.contact = p.contact
JOIN _agent_timeline AS o ON o.i = (p.opened_by + 1) // 2
JOIN _agent_timeline AS k ON k.i = (p.closed_by + 1) // 2
