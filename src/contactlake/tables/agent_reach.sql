-- The windows that may have other rows after a change (see AGENT_REACH), joined where they overlap.
WITH
unit AS (SELECT window_ms AS ms FROM _agent_rules),
direct AS (
  SELECT
    instance_id,
    user_id,
    COALESCE(from_t, -9223372036854775807) AS from_t,
    COALESCE(to_t, 9223372036854775807) AS to_t
  FROM _agent_reach
),
shown AS (
  SELECT
    instance_id,
    NULLIF(REGEXP_EXTRACT(agent_arn, '${before_user_id}([^/]+)', 1), '') AS user_id,
    CAST(FLOOR(EPOCH_US(event_timestamp) / 1000) AS BIGINT) AS t,
    UNNEST(LIST_CONCAT(COALESCE(current_contacts, []), COALESCE(previous_contacts, []))).contact_id AS contact_id
  FROM (SELECT * FROM _agent_event UNION ALL BY NAME SELECT * FROM _agent_change) AS events
),
concerned AS (
  SELECT DISTINCT s.instance_id, s.user_id, s.contact_id, d.to_t
  FROM direct AS d
  JOIN shown AS s
    ON s.instance_id = d.instance_id AND s.user_id = d.user_id AND s.t >= d.from_t AND s.t <= d.to_t
),
later AS (
  SELECT c.instance_id, c.user_id, MIN(FLOOR(EPOCH_US(k.start_time) / 1000)) AS t
  FROM concerned AS c
  JOIN _agent_contact_known AS k
    ON k.instance_id = c.instance_id AND k.user_id = c.user_id AND k.contact_id = c.contact_id
  WHERE k.connected AND FLOOR(EPOCH_US(k.start_time) / 1000) >= c.to_t
  GROUP BY c.instance_id, c.user_id, c.contact_id
),
windows AS (
  SELECT instance_id, user_id, from_t, to_t FROM direct
  UNION ALL
  SELECT instance_id, user_id, CAST(t AS BIGINT), CAST(t AS BIGINT) FROM later
),
hours AS (
  SELECT
    instance_id,
    user_id,
    CASE WHEN from_t > -9223372036854775807
      THEN from_t - ((from_t % ms) + ms) % ms ELSE from_t END AS from_ms,
    CASE WHEN to_t < 9223372036854775807
      THEN to_t - ((to_t % ms) + ms) % ms + ms ELSE to_t END AS to_ms
  FROM windows CROSS JOIN unit
),
reached AS (
  SELECT
    *,
    MAX(to_ms) OVER (
      PARTITION BY instance_id, user_id ORDER BY from_ms, to_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reach
  FROM hours
),
islands AS (
  SELECT
    *,
    SUM(CASE WHEN reach IS NULL OR from_ms > reach THEN 1 ELSE 0 END) OVER (
      PARTITION BY instance_id, user_id ORDER BY from_ms, to_ms
    ) AS island
  FROM reached
)
SELECT
  instance_id,
  user_id,
  NULLIF(MIN(from_ms), -9223372036854775807) AS from_ms,
  NULLIF(MAX(to_ms), 9223372036854775807) AS to_ms
FROM islands
GROUP BY instance_id, user_id, island
ORDER BY instance_id, user_id, from_ms NULLS FIRST
