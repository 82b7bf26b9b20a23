-- agent_statistic_record (section 5) from the time measures, with the status that was held longest in each row.
WITH
ids AS (
  SELECT t.*, g.grain, f.status
  FROM _agent_measure_time AS t
  JOIN _agent_config AS g ON g.config = t.config
  LEFT JOIN _agent_status_face AS f ON f.face = t.face
),
statuses AS (
  SELECT
    agent,
    grain,
    interval_start,
    status,
    SUM(length) AS total,
    MAX(held_to) AS held_to
  FROM ids
  WHERE status IS NOT NULL
  GROUP BY agent, grain, interval_start, status
),
longest AS (
  SELECT *
  FROM (
    SELECT
      *,
      ROW_NUMBER() OVER (PARTITION BY agent, grain, interval_start ORDER BY total DESC, held_to DESC) AS nth
    FROM statuses
  ) AS ranked
  WHERE nth = 1
),
faces AS (
  SELECT i.agent, i.grain, i.interval_start, i.face
  FROM ids AS i
  JOIN longest AS l
    ON l.agent = i.agent AND l.grain = i.grain AND l.interval_start = i.interval_start
    AND l.status = i.status AND l.held_to = i.held_to
),
custom AS (
  SELECT
    i.agent,
    i.grain,
    i.interval_start,
    ${custom_state_times}
  FROM ids AS i
  JOIN _agent AS a ON a.agent = i.agent
  JOIN _agent_status_face AS f ON f.face = i.face
  JOIN _agent_status_number AS n ON n.instance_id = a.instance_id AND n.status_id = f.status_id
  WHERE i.non_productive_time > 0
  GROUP BY i.agent, i.grain, i.interval_start
),
rows_made AS (
  SELECT
    agent,
    grain,
    interval_start,
    MAX(config) AS config,
    CAST(SUM(online_time) AS BIGINT) AS online_time,
    CAST(SUM(error_time) AS BIGINT) AS error_time,
    CAST(SUM(non_productive_time) AS BIGINT) AS non_productive_time,
    CAST(SUM(agent_idle_time) AS BIGINT) AS agent_idle_time,
    CAST(SUM(agent_on_contact_time) AS BIGINT) AS agent_on_contact_time
  FROM ids
  GROUP BY agent, grain, interval_start
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
  ${custom_state_time_names},
  n.status_arn AS agent_status_arn,
  n.status_name AS agent_status_name,
  r.online_time AS agent_status_time_ms,
  ${config_arn_names}
FROM rows_made AS r
CROSS JOIN _agent_rules AS s
JOIN _agent_config AS g ON g.config = r.config
LEFT JOIN faces AS f
  ON f.agent = r.agent AND f.grain = r.grain AND f.interval_start = r.interval_start
LEFT JOIN _agent_status_face AS n ON n.face = f.face
LEFT JOIN custom AS c
  ON c.agent = r.agent AND c.grain = r.grain AND c.interval_start = r.interval_start
WHERE r.online_time > 0 OR r.error_time > 0
