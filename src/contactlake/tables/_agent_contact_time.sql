-- contact_time_ms (section 6): wall-clock time, status ROUTABLE, with a handling contact of the queue and channel.
WITH
rules AS (SELECT * FROM _agent_rules),
handling AS (
  SELECT h.agent, h.config, h.interval_start, h.a, h.b, f.queue
  FROM _agent_queue_time AS h
  JOIN _agent_contact_face AS f ON f.face = h.face
  WHERE h.measure = 'handle_time'
),
reached AS (
  SELECT
    *,
    MAX(b) OVER (
      PARTITION BY agent, config, interval_start, queue ORDER BY a, b
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reach
  FROM handling
),
alone AS (
  -- Each piece without what an earlier one covers already.
  SELECT agent, config, interval_start, queue, GREATEST(a, COALESCE(reach, a)) AS a, b
  FROM reached
  WHERE reach IS NULL OR b > reach
),
routable AS (
  SELECT
    p.agent,
    u.interval_start,
    GREATEST(p.a, u.interval_start) AS a,
    LEAST(p.b, u.interval_start + r.interval_ms) AS b
  FROM _agent_status_piece AS p
  CROSS JOIN rules AS r,
  UNNEST(GENERATE_SERIES(
    p.a - ((p.a % r.interval_ms) + r.interval_ms) % r.interval_ms, p.b - 1, r.interval_ms
  )) AS u(interval_start)
  WHERE p.type = 'ROUTABLE'
)
SELECT
  h.agent,
  h.config,
  h.interval_start,
  h.queue,
  CAST(SUM(LEAST(h.b, r.b) - GREATEST(h.a, r.a)) AS BIGINT) AS contact_time_ms
FROM alone AS h
JOIN routable AS r ON r.agent = h.agent AND r.interval_start = h.interval_start AND r.a < h.b AND r.b > h.a
GROUP BY h.agent, h.config, h.interval_start, h.queue
