-- agent_queue_statistic_record (section 6) from the moments and the times.
WITH
counted AS (
  SELECT m.agent, m.config, m.t - ((m.t % r.interval_ms) + r.interval_ms) % r.interval_ms AS interval_start, m.what, m.face,
    1 AS amount
  FROM _agent_moment AS m
  CROSS JOIN _agent_rules AS r
  UNION ALL
  SELECT agent, config, interval_start, what, face, b - a FROM _agent_queue_time
),
amounts AS (
  SELECT c.agent, c.config, c.interval_start, f.queue, c.face, c.what, f.kind, c.amount
  FROM counted AS c
  JOIN _agent_contact_face AS f ON f.face = c.face
  UNION ALL
  SELECT agent, config, interval_start, queue, NULL, 'contact_time', NULL, contact_time_ms FROM _agent_contact_time
),
rows_made AS (
  SELECT
    m.agent,
    g.grain,
    m.interval_start,
    m.queue,
    MAX(m.config) AS config,
    MAX(m.face) AS face,
    ${queue_sums}
  FROM amounts AS m
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
  ${queue_measures},
  CAST(NULL AS BIGINT) AS agent_non_response_without_customer_abandons,
  q.queue_arn,
  ${config_arn_names}
FROM rows_made AS r
JOIN _agent_config AS g ON g.config = r.config
JOIN _agent_contact_face AS q ON q.face = r.face
CROSS JOIN _agent_rules AS s
WHERE ${any_queue_measure}
