-- Times of section 6, cut at interval bounds: per agent, configuration, queue, channel and interval, as pieces.
WITH
rules AS (SELECT * FROM _agent_rules),
pieces AS (
  SELECT p.agent, p.config, p.a, p.b, 'handle_time' AS measure, p.queue_arn, p.channel
  FROM _agent_contact_piece AS p
  JOIN _agent_contact_state AS c
    ON c.agent = p.agent AND c.contact_id = p.contact_id AND c.state_key = p.state_key
  WHERE p.known AND p.b > p.a AND c.state_class = 'HANDLING'
  UNION ALL
  SELECT
    p.agent, p.config, p.a, p.b,
    CASE
      WHEN t.method IN ('INBOUND', 'TRANSFER', 'QUEUE_TRANSFER') THEN 'agent_incoming_connecting_time'
      WHEN t.method IN ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY') THEN 'agent_outbound_connecting_time'
      WHEN t.method = 'CALLBACK' THEN 'agent_callback_connecting_time'
      ELSE 'agent_api_connecting_time'
    END,
    t.queue_arn, t.channel
  FROM _agent_contact_piece AS p
  JOIN _agent_contact_state AS c
    ON c.agent = p.agent AND c.contact_id = p.contact_id AND c.state_key = p.state_key
  JOIN _agent_attempt AS t
    ON t.agent = c.agent AND t.contact_id = c.contact_id AND t.attempt_key = c.attempt_key
  WHERE p.known AND p.b > p.a
)
SELECT
  p.agent,
  p.config,
  u.interval_start,
  GREATEST(p.a, u.interval_start) AS a,
  LEAST(p.b, u.interval_start + r.interval_ms) AS b,
  p.measure,
  p.queue_arn,
  p.channel
FROM pieces AS p
CROSS JOIN rules AS r,
UNNEST(GENERATE_SERIES(
  p.a - ((p.a % r.interval_ms) + r.interval_ms) % r.interval_ms, p.b - 1, r.interval_ms
)) AS u(interval_start)
