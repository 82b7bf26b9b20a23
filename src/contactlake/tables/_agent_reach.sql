-- For every instant at which an agent's events changed: the restarts that bound what can differ (see AGENT_REACH).
WITH
changed AS (
  SELECT DISTINCT
    instance_id,
    NULLIF(REGEXP_EXTRACT(agent_arn, '${before_user_id}([^/]+)', 1), '') AS user_id,
    CAST(FLOOR(EPOCH_US(event_timestamp) / 1000) AS BIGINT) AS x
  FROM _agent_change
),
before AS (
  SELECT instance_id, user_id, x, t
  FROM (
    SELECT
      c.instance_id, c.user_id, c.x, r.t,
      ROW_NUMBER() OVER (PARTITION BY c.instance_id, c.user_id, c.x ORDER BY r.t DESC) AS nth
    FROM changed AS c
    JOIN _agent_restart AS r ON r.instance_id = c.instance_id AND r.user_id = c.user_id AND r.t < c.x
  ) AS earlier
  WHERE nth = 2
),
after AS (
  SELECT c.instance_id, c.user_id, c.x, MIN(r.t) AS t
  FROM changed AS c
  JOIN _agent_restart AS r ON r.instance_id = c.instance_id AND r.user_id = c.user_id AND r.since > c.x
  GROUP BY c.instance_id, c.user_id, c.x
)
SELECT c.instance_id, c.user_id, b.t AS from_t, a.t AS to_t
FROM changed AS c
LEFT JOIN before AS b ON b.instance_id = c.instance_id AND b.user_id = c.user_id AND b.x = c.x
LEFT JOIN after AS a ON a.instance_id = c.instance_id AND a.user_id = c.user_id AND a.x = c.x
WHERE c.user_id IS NOT NULL AND c.x IS NOT NULL
