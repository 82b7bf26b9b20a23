-- agent_contact_span: the contact spans with their words (sections 3 and 4).
SELECT
  a.instance_id,
  a.user_id,
  n.contact_id,
  e.event_id AS appeared_by,
  COALESCE(e.position, 1) AS appeared_place,
  CAST(c.number AS BIGINT) AS state_number,
  MAKE_TIMESTAMPTZ(p.a * 1000) AS start_time,
  MAKE_TIMESTAMPTZ(p.b * 1000) AS end_time,
  c.ends IS NULL AS still_open,
  p.known,
  c.state,
  MAKE_TIMESTAMPTZ(c.state_start * 1000) AS state_start_time,
  c.state_class,
  c.connected,
  q.method AS initiation_method,
  q.channel,
  q.queue_id,
  q.queue_type,
  q.queue_arn,
  p.repaired,
  p.silent AS cut_by_silence,
  o.event_id AS opened_by,
  k.event_id AS closed_by,
  ${span_config_names}
FROM _agent_contact_piece AS p
JOIN _agent_contact_state AS c
  ON c.agent = p.agent AND c.contact = p.contact AND c.state_key = p.state_key
JOIN _agent_timeline AS e ON e.agent = c.agent AND e.i = c.appearance_key // 2
JOIN _agent AS a ON a.agent = p.agent
JOIN _agent_config AS g ON g.config = p.config
JOIN _agent_contact_face AS q ON q.face = p.face
JOIN _agent_contact AS n ON n.contact = p.contact
JOIN _agent_evidence_numbered AS o ON o.event = p.opened_by
JOIN _agent_evidence_numbered AS k ON k.event = p.closed_by
