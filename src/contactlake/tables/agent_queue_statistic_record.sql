-- agent_queue_statistic_record (section 6) from the moments and the times.
WITH
rules AS (SELECT * FROM _agent_rules),
amounts AS (
  SELECT
    m.agent, m.config, m.t - ((m.t % r.interval_ms) + r.interval_ms) % r.interval_ms AS interval_start, m.channel,
    m.queue_arn, m.measure, 1 AS amount
  FROM _agent_moment AS m
  CROSS JOIN rules AS r
  UNION ALL
  SELECT agent, config, interval_start, channel, queue_arn, measure, b - a FROM _agent_queue_time
),
keyed AS (
  SELECT m.agent, m.config, m.interval_start, m.channel, q.queue_id, q.queue_type, q.queue_arn, m.measure, m.amount
  FROM amounts AS m
  JOIN _agent_queue AS q ON q.queue_arn IS NOT DISTINCT FROM m.queue_arn
  UNION ALL
  SELECT agent, config, interval_start, channel, queue_id, queue_type, NULL, 'contact_time_ms', contact_time_ms
  FROM _agent_contact_time
),
summed AS (
  SELECT
    agent, config, interval_start, channel, queue_id, queue_type, measure,
    MAX(queue_arn) AS queue_arn, SUM(amount) AS amount
  FROM keyed
  GROUP BY agent, config, interval_start, channel, queue_id, queue_type, measure
),
rows_made AS (
  SELECT
    a.agent,
    g.grain,
    m.interval_start,
    m.channel,
    m.queue_id,
    m.queue_type,
    MIN(a.instance_id) AS instance_id,
    MIN(a.user_id) AS user_id,
    MAX(m.queue_arn) AS queue_arn,
    ${config_ids},
    ${config_arns},
    ${queue_measures}
  FROM summed AS m
  JOIN _agent AS a ON a.agent = m.agent
  JOIN _agent_config AS g ON g.config = m.config
  GROUP BY a.agent, g.grain, m.interval_start, m.channel, m.queue_id, m.queue_type
)
SELECT
  MD5(${grain_text}) AS aqsr_statistic_id,
  r.instance_id,
  r.user_id,
  ${config_id_names},
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS interval_start_time,
  MAKE_TIMESTAMPTZ((r.interval_start + s.interval_ms) * 1000) AS interval_end_time,
  MAKE_TIMESTAMPTZ(r.interval_start * 1000) AS published_date,
  r.aws_account_id,
  r.queue_id,
  r.channel,
  r.queue_type,
  ${queue_measure_names},
  CAST(NULL AS BIGINT) AS agent_non_response_without_customer_abandons,
  r.queue_arn,
  ${config_arn_names}
FROM rows_made AS r
CROSS JOIN _agent_rules AS s
WHERE ${any_queue_measure}
