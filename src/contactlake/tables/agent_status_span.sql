-- agent_status_span: the status spans with their words (section 3).
SELECT
  a.instance_id,
  a.user_id,
  MAKE_TIMESTAMPTZ(p.a * 1000) AS start_time,
  MAKE_TIMESTAMPTZ(p.b * 1000) AS end_time,
  p.face IS NOT NULL AS known,
  f.status_id,
  f.status_arn,
  f.status_name,
  p.type AS status_type,
  MAKE_TIMESTAMPTZ(p.status_start * 1000) AS status_start_time,
  p.repaired,
  p.silent AS cut_by_silence,
  p.forced AS forced_offline,
  CASE p.opened_by % 2 WHEN 0 THEN o.event_id ELSE o.event_id_before END AS opened_by,
  CASE p.closed_by % 2 WHEN 0 THEN k.event_id ELSE k.event_id_before END AS closed_by,
  ${span_config_names}
FROM _agent_status_piece AS p
JOIN _agent AS a ON a.agent = p.agent
JOIN _agent_config AS g ON g.config = p.config
JOIN _agent_timeline AS o ON o.i = (p.opened_by + 1) // 2
JOIN _agent_timeline AS k ON k.i = (p.closed_by + 1) // 2
LEFT JOIN _agent_status_face AS f ON f.face = p.face
