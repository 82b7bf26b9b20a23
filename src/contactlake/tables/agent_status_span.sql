-- agent_status_span: the status spans with their words (section 3).
SELECT
  a.instance_id,
  a.user_id,
  p.start_time,
  p.end_time,
  p.face IS NOT NULL AS known,
  f.status_id,
  f.status_arn,
  f.status_name,
  p.status_type,
  p.status_start_time,
  p.repaired,
  p.cut_by_silence,
  p.forced_offline,
  p.opened_by,
  p.closed_by,
  ${span_config_names}
FROM _agent_status_brief AS p
JOIN _agent AS a ON a.agent = p.agent
JOIN _agent_config AS g ON g.config = p.config
LEFT JOIN _agent_status_face AS f ON f.face = p.face
