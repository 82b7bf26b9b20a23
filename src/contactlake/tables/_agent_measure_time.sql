-- One row for every agent, configuration, interval and status face (null: unknown, while a contact is in a failed
-- state): the time measures of section 5.
-- Every bound of a status span, a contact span or a configuration is a change of some counters; between two
-- neighbouring bounds nothing changes; bounds at which nothing changes are left out. The counters stand side by side in
-- two numbers, as one sum costs as much as seven: `held` is configuration, face and type of the status (2^34, 4 and 1
-- for each), `busy` the number of contacts failed, ringing and working (2^40, 2^20 and 1 for each).
WITH
rules AS (SELECT * FROM _agent_rules),
bounds AS (
  SELECT
    p.agent,
    CASE s.sign WHEN 1 THEN p.a ELSE p.b END AS t,
    s.sign * (4 * p.face + CASE p.type WHEN 'ROUTABLE' THEN 1 WHEN 'CUSTOM' THEN 2 ELSE 0 END) AS held,
    0 AS busy
  FROM _agent_status_piece AS p CROSS JOIN (VALUES (1), (-1)) AS s(sign)
  WHERE p.face IS NOT NULL
  UNION ALL
  SELECT
    p.agent,
    CASE s.sign WHEN 1 THEN p.a ELSE p.b END,
    0,
    s.sign * CASE p.state_class WHEN 'FAILED' THEN 1099511627776 WHEN 'RINGING' THEN 1048576 ELSE 1 END
  FROM _agent_contact_piece AS p CROSS JOIN (VALUES (1), (-1)) AS s(sign)
  WHERE p.known AND p.b > p.a AND p.state_class IS NOT NULL
  UNION ALL
  SELECT agent, t, 17179869184 * (config - COALESCE(config_before, 0)), 0
  FROM _agent_timeline
  WHERE config IS DISTINCT FROM config_before
  UNION ALL
  SELECT agent, t, -17179869184 * config, 0 FROM _agent_timeline WHERE t_next IS NULL
),
summed AS (
  SELECT agent, t, CAST(SUM(held) AS BIGINT) AS held, CAST(SUM(busy) AS BIGINT) AS busy
  FROM bounds
  GROUP BY agent, t
  HAVING SUM(held) <> 0 OR SUM(busy) <> 0
),
running AS (
  SELECT
    agent,
    t AS a,
    LEAD(t) OVER w AS b,
    CAST(SUM(held) OVER w AS BIGINT) AS held,
    CAST(SUM(busy) OVER w AS BIGINT) AS busy
  FROM summed
  WINDOW w AS (PARTITION BY agent ORDER BY t)
),
segments AS (
  SELECT
    agent,
    a,
    b,
    held // 17179869184 AS config,
    held % 17179869184 // 4 AS face,
    held % 4 = 1 AS routable,
    held % 4 = 2 AS custom,
    busy % 1048576 > 0 AS working,
    busy // 1048576 % 1048576 > 0 AS ringing,
    busy // 1099511627776 AS failed
  FROM running
),
cut AS (
  SELECT
    *,
    LEAST(b, interval_start + interval_ms) - GREATEST(a, interval_start) AS length,
    LEAST(b, interval_start + interval_ms) AS held_to
  FROM (
    SELECT s.*, r.interval_ms, ${interval_starts} AS interval_start
    FROM segments AS s
    CROSS JOIN rules AS r
    WHERE s.b > s.a AND (s.face > 0 OR s.failed > 0)
  ) AS touched
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
