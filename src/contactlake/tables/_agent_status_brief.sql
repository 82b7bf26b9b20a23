-- Status spans with the ids of their events; agent, configuration and status are numbers still: brief to keep.
SELECT
  p.agent,
  p.config,
  p.face,
  MAKE_TIMESTAMPTZ(p.a * 1000) AS start_time,
  MAKE_TIMESTAMPTZ(p.b * 1000) AS end_time,
  p.type AS status_type,
  MAKE_TIMESTAMPTZ(p.status_start * 1000) AS status_start_time,
  p.repaired,
  p.silent AS cut_by_silence,
  p.forced AS forced_offline,
  CASE p.opened_by % 2 WHEN 0 THEN o.event_id ELSE o.event_id_before END AS opened_by,
  CASE p.closed_by % 2 WHEN 0 THEN k.event_id ELSE k.event_id_before END AS closed_by
FROM _agent_status_piece AS p
JOIN _agent_timeline AS o ON o.i = (p.opened_by + 1) // 2
JOIN _agent_timeline AS k ON k.i = (p.closed_by + 1) // 2
