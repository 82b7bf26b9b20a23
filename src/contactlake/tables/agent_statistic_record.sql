-- agent_statistic_record (section 5) from the time measures, with the status that was held longest in each row: of equal
-- ones the one held last, with the name that it had then. `custom` is the time by number of a custom status.
WITH
statuses AS (
  SELECT
    t.agent,
    g.grain,
    t.interval_start,
    MAX(t.config) AS config,
    ARG_MAX(t.face, t.held_to) AS face,
    CAST(SUM(t.length) AS BIGINT) AS length,
    MAX(t.held_to) AS held_to,
    CAST(SUM(t.online_time) AS BIGINT) AS online_time,
    CAST(SUM(t.error_time) AS BIGINT) AS error_time,
    CAST(SUM(t.non_productive_time) AS BIGINT) AS non_productive_time,
    CAST(SUM(t.agent_idle_time) AS BIGINT) AS agent_idle_time,
    CAST(SUM(t.agent_on_contact_time) AS BIGINT) AS agent_on_contact_time
  FROM _agent_measure_time AS t
  JOIN _agent_config AS g ON g.config = t.config
  LEFT JOIN _agent_status_face AS f ON f.face = t.face
  GROUP BY t.agent, g.grain, t.interval_start, f.status
),
rows_made AS (
  SELECT
    s.interval_start,
    MAX(s.config) AS config,
    ARG_MAX(s.face, ROW(s.length, s.held_to)) FILTER (s.face IS NOT NULL) AS face,
    CAST(SUM(s.online_time) AS BIGINT) AS online_time,
    CAST(SUM(s.error_time) AS BIGINT) AS error_time,
    CAST(SUM(s.non_productive_time) AS BIGINT) AS non_productive_time,
    CAST(SUM(s.agent_idle_time) AS BIGINT) AS agent_idle_time,
    CAST(SUM(s.agent_on_contact_time) AS BIGINT) AS agent_on_contact_time,
    MAP_FROM_ENTRIES(LIST(ROW(n.number, s.non_productive_time)) FILTER (n.number IS NOT NULL)) AS custom
  FROM statuses AS s
  JOIN _agent AS a ON a.agent = s.agent
  LEFT JOIN _agent_status_face AS f ON f.face = s.face
  LEFT JOIN _agent_status_number AS n ON n.instance_id = a.instance_id AND n.status_id = f.status_id
  GROUP BY s.agent, s.grain, s.interval_start
)
SELECT
  MD5(g.grain_text || '|' || ${times_text}) AS asr_statistic_id,
  g.instance_id,
  g.user_id,
  ${config_id_names},
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS interval_start_time,
  MAKE_TIMESTAMPTZ((r.interval_start + s.interval_ms) * 1000) AS interval_end_time,
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS published_date,
  g.aws_account_id,
  r.online_time,
  r.error_time,
  r.non_productive_time,
  r.agent_idle_time,
  r.agent_on_contact_time,
  ${custom_state_times},
  n.status_arn AS agent_status_arn,
  n.status_name AS agent_status_name,
  r.online_time AS agent_status_time_ms,
  ${config_arn_names}
FROM rows_made AS r
CROSS JOIN _agent_rules AS s
JOIN _agent_config AS g ON g.config = r.config
LEFT JOIN _agent_status_face AS n ON n.face = r.face
WHERE r.online_time > 0 OR r.error_time > 0
