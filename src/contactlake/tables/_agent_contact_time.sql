-- contact_time_ms (section 6): wall-clock time, status ROUTABLE, with a handling contact of the queue and channel.
WITH
rules AS (SELECT * FROM _agent_rules),
handling AS (
  SELECT h.agent, h.config, h.interval_start, h.a, h.b, f.queue
  FROM _agent_queue_time AS h
  JOIN _agent_contact_face AS f ON f.face = h.face
  WHERE h.what = 'handling'
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
  SELECT agent, interval_start, GREATEST(a, interval_start) AS a, LEAST(b, interval_start + interval_ms) AS b
  FROM (
    SELECT s.*, r.interval_ms, ${interval_starts} AS interval_start
    FROM _agent_status_piece AS s
    CROSS JOIN rules AS r
    WHERE s.type = 'ROUTABLE'
  ) AS touched
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
