-- One row for every agent, configuration, interval and status face (null: unknown, while a contact is in a failed
-- state): the time measures of section 5.
-- Every bound of a status span, a contact span or a configuration is a change of some counters; between two
-- neighbouring bounds nothing changes.
WITH
rules AS (SELECT * FROM _agent_rules),
bounds AS (
  SELECT
    p.agent,
    CASE s.sign WHEN 1 THEN p.a ELSE p.b END AS t,
    0 AS config,
    s.sign * COALESCE(p.face, 0) AS face,
    CASE WHEN p.type = 'ROUTABLE' THEN s.sign ELSE 0 END AS routable,
    CASE WHEN p.type = 'CUSTOM' THEN s.sign ELSE 0 END AS custom,
    0 AS working,
    0 AS ringing,
    0 AS failed
  FROM _agent_status_piece AS p CROSS JOIN (VALUES (1), (-1)) AS s(sign)
  UNION ALL
  SELECT
    p.agent,
    CASE s.sign WHEN 1 THEN p.a ELSE p.b END,
    0, 0, 0, 0,
    CASE WHEN c.state_class IN ('HANDLING', 'DIALLING') THEN s.sign ELSE 0 END,
    CASE WHEN c.state_class = 'RINGING' THEN s.sign ELSE 0 END,
    CASE WHEN c.state_class = 'FAILED' THEN s.sign ELSE 0 END
  FROM _agent_contact_piece AS p
  JOIN _agent_contact_state AS c
    ON c.agent = p.agent AND c.contact = p.contact AND c.state_key = p.state_key
  CROSS JOIN (VALUES (1), (-1)) AS s(sign)
  WHERE p.known AND p.b > p.a AND c.state_class IS NOT NULL
  UNION ALL
  SELECT agent, t, config - COALESCE(config_before, 0), 0, 0, 0, 0, 0, 0
  FROM _agent_timeline
  WHERE config IS DISTINCT FROM config_before
  UNION ALL
  SELECT agent, t, -config, 0, 0, 0, 0, 0, 0 FROM _agent_timeline WHERE t_next IS NULL
),
summed AS (
  SELECT
    agent, t, SUM(config) AS config, SUM(face) AS face, SUM(routable) AS routable, SUM(custom) AS custom,
    SUM(working) AS working, SUM(ringing) AS ringing, SUM(failed) AS failed
  FROM bounds
  GROUP BY agent, t
),
segments AS (
  SELECT
    agent,
    t AS a,
    LEAD(t) OVER w AS b,
    CAST(SUM(config) OVER w AS BIGINT) AS config,
    CAST(SUM(face) OVER w AS BIGINT) AS face,
    SUM(routable) OVER w = 1 AS routable,
    SUM(custom) OVER w = 1 AS custom,
    SUM(working) OVER w > 0 AS working,
    SUM(ringing) OVER w > 0 AS ringing,
    CAST(SUM(failed) OVER w AS BIGINT) AS failed
  FROM summed
  WINDOW w AS (PARTITION BY agent ORDER BY t)
),
cut AS (
  SELECT
    s.*,
    u.interval_start,
    LEAST(s.b, u.interval_start + r.interval_ms) - GREATEST(s.a, u.interval_start) AS length,
    LEAST(s.b, u.interval_start + r.interval_ms) AS held_to
  FROM segments AS s
  CROSS JOIN rules AS r,
  UNNEST(GENERATE_SERIES(
    s.a - ((s.a % r.interval_ms) + r.interval_ms) % r.interval_ms, s.b - 1, r.interval_ms
  )) AS u(interval_start)
  WHERE s.b > s.a AND (s.face > 0 OR s.failed > 0)
)
SELECT
  agent,
  config,
  interval_start,
  NULLIF(face, 0) AS face,
  CAST(SUM(length) AS BIGINT) AS length,
  MAX(held_to) AS held_to,
  CAST(SUM(length * failed) AS BIGINT) AS error_time,
  CAST(SUM(CASE WHEN routable OR custom THEN length ELSE 0 END) AS BIGINT) AS online_time,
  CAST(SUM(CASE WHEN custom THEN length ELSE 0 END) AS BIGINT) AS non_productive_time,
  CAST(SUM(CASE WHEN routable AND working THEN length ELSE 0 END) AS BIGINT) AS agent_on_contact_time,
  CAST(SUM(
    CASE
      WHEN routable AND NOT working
        AND (NOT ringing OR failed > 0 OR (SELECT idle_includes_ringing FROM rules))
      THEN length
      ELSE 0
    END
  ) AS BIGINT) AS agent_idle_time
FROM cut
GROUP BY agent, config, interval_start, face
