-- agent_queue_statistic_record (section 6) from the moments and the times.
WITH
rules AS (SELECT * FROM _agent_rules),
amounts AS (
  SELECT
    agent, config, t - ((t % interval_ms) + interval_ms) % interval_ms AS interval_start, face, measure,
    COUNT(*) AS amount
  FROM _agent_moment CROSS JOIN rules
  GROUP BY agent, config, t - ((t % interval_ms) + interval_ms) % interval_ms, face, measure
  UNION ALL
  SELECT agent, config, interval_start, face, measure, CAST(SUM(b - a) AS BIGINT)
  FROM _agent_queue_time
  GROUP BY agent, config, interval_start, face, measure
),
summed AS (
  SELECT m.agent, m.config, m.interval_start, f.queue, m.face, m.measure, m.amount
  FROM amounts AS m
  JOIN _agent_contact_face AS f ON f.face = m.face
  UNION ALL
  SELECT agent, config, interval_start, queue, NULL, 'contact_time_ms', contact_time_ms FROM _agent_contact_time
),
rows_made AS (
  SELECT
    m.agent,
    g.grain,
    m.interval_start,
    m.queue,
    MAX(m.config) AS config,
    MAX(m.face) AS face,
    ${queue_measures}
  FROM summed AS m
  JOIN _agent_config AS g ON g.config = m.config
  GROUP BY m.agent, g.grain, m.interval_start, m.queue
)
SELECT
  MD5(g.grain_text || '|' || q.queue_text || '|' || ${times_text}) AS aqsr_statistic_id,
  g.instance_id,
  g.user_id,
  ${config_id_names},
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS interval_start_time,
  MAKE_TIMESTAMPTZ((r.interval_start + s.interval_ms) * 1000) AS interval_end_time,
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS published_date,
  g.aws_account_id,
  q.queue_id,
  q.channel,
  q.queue_type,
  ${queue_measure_names},
  CAST(NULL AS BIGINT) AS agent_non_response_without_customer_abandons,
  q.queue_arn,
  ${config_arn_names}
FROM rows_made AS r
JOIN _agent_config AS g ON g.config = r.config
JOIN _agent_contact_face AS q ON q.face = r.face
CROSS JOIN _agent_rules AS s
WHERE ${any_queue_measure}
