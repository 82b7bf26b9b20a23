-- Times of section 6, cut at interval bounds: per agent, configuration, queue, channel and interval, as pieces.
WITH
rules AS (SELECT * FROM _agent_rules),
pieces AS (
  SELECT p.agent, p.config, p.a, p.b, 'handle_time' AS measure, p.face
  FROM _agent_contact_piece AS p
  JOIN _agent_contact_state AS c
    ON c.agent = p.agent AND c.contact = p.contact AND c.state_key = p.state_key
  WHERE p.known AND p.b > p.a AND c.state_class = 'HANDLING'
  UNION ALL
  SELECT
    p.agent, p.config, p.a, p.b,
    'agent_' || f.kind || '_connecting_time', t.face
  FROM _agent_contact_piece AS p
  JOIN _agent_contact_state AS c
    ON c.agent = p.agent AND c.contact = p.contact AND c.state_key = p.state_key
  JOIN _agent_attempt AS t
    ON t.agent = c.agent AND t.contact = c.contact AND t.attempt_key = c.attempt_key
  JOIN _agent_contact_face AS f ON f.face = t.face
  WHERE p.known AND p.b > p.a
)
SELECT
  p.agent,
  p.config,
  u.interval_start,
  GREATEST(p.a, u.interval_start) AS a,
  LEAST(p.b, u.interval_start + r.interval_ms) AS b,
  p.measure,
  p.face
FROM pieces AS p
CROSS JOIN rules AS r,
UNNEST(GENERATE_SERIES(
  p.a - ((p.a % r.interval_ms) + r.interval_ms) % r.interval_ms, p.b - 1, r.interval_ms
)) AS u(interval_start)
