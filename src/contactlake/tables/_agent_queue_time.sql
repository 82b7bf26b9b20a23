-- Times of section 6, cut at interval bounds: per agent, configuration, queue, channel and interval, as pieces.
WITH
rules AS (SELECT * FROM _agent_rules),
pieces AS (
  SELECT agent, config, a, b, 'handling' AS what, face
  FROM _agent_contact_piece
  WHERE known AND b > a AND state_class = 'HANDLING'
  UNION ALL
  SELECT p.agent, p.config, p.a, p.b, 'connecting', t.face
  FROM _agent_contact_piece AS p
  JOIN _agent_attempt AS t ON t.contact = p.contact AND t.attempt_key = p.attempt_key
  WHERE p.known AND p.b > p.a
)
SELECT
  agent,
  config,
  interval_start,
  GREATEST(a, interval_start) AS a,
  LEAST(b, interval_start + interval_ms) AS b,
  what,
  face
FROM (SELECT s.*, r.interval_ms, ${interval_starts} AS interval_start FROM pieces AS s CROSS JOIN rules AS r) AS touched
