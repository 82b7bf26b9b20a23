-- agent_statistic_record (section 5) from the time measures, with the status that was held longest in each row.
WITH
ids AS (
  SELECT
    a.instance_id,
    a.user_id,
    g.*,
    t.* EXCLUDE (config),
    f.status,
    f.status_arn,
    f.status_name,
    n.number
  FROM _agent_measure_time AS t
  JOIN _agent AS a ON a.agent = t.agent
  JOIN _agent_config AS g ON g.config = t.config
  LEFT JOIN _agent_status_face AS f ON f.face = t.face
  LEFT JOIN _agent_status_number AS n ON n.instance_id = a.instance_id AND n.status_id = f.status_id
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
  SELECT i.agent, i.grain, i.interval_start, i.status_arn, i.status_name
  FROM ids AS i
  JOIN longest AS l
    ON l.agent = i.agent AND l.grain = i.grain AND l.interval_start = i.interval_start
    AND l.status = i.status AND l.held_to = i.held_to
),
rows_made AS (
  SELECT
    agent,
    grain,
    interval_start,
    MIN(instance_id) AS instance_id,
    MIN(user_id) AS user_id,
    ${config_ids},
    ${config_arns},
    CAST(SUM(online_time) AS BIGINT) AS online_time,
    CAST(SUM(error_time) AS BIGINT) AS error_time,
    CAST(SUM(non_productive_time) AS BIGINT) AS non_productive_time,
    CAST(SUM(agent_idle_time) AS BIGINT) AS agent_idle_time,
    CAST(SUM(agent_on_contact_time) AS BIGINT) AS agent_on_contact_time,
    ${custom_state_times}
  FROM ids
  GROUP BY agent, grain, interval_start
)
SELECT
  MD5(${grain_text}) AS asr_statistic_id,
  r.instance_id,
  r.user_id,
  ${config_id_names},
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS interval_start_time,
  MAKE_TIMESTAMPTZ((r.interval_start + s.interval_ms) * 1000) AS interval_end_time,
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS published_date,
  r.aws_account_id,
  r.online_time,
  r.error_time,
  r.non_productive_time,
  r.agent_idle_time,
  r.agent_on_contact_time,
  ${custom_state_time_names},
  f.status_arn AS agent_status_arn,
  f.status_name AS agent_status_name,
  r.online_time AS agent_status_time_ms,
  ${config_arn_names}
FROM rows_made AS r
CROSS JOIN _agent_rules AS s
LEFT JOIN faces AS f
  ON f.agent = r.agent AND f.grain = r.grain AND f.interval_start = r.interval_start
WHERE r.online_time > 0 OR r.error_time > 0
