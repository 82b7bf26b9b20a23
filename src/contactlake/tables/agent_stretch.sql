-- For every window the instants of the first and the last event that its rows need (see AGENT_STRETCHES).
WITH
before AS (
  SELECT w.instance_id, w.user_id, w.from_ms, MAX(r.t) AS starts
  FROM _agent_window AS w
  JOIN _agent_restart AS r ON r.instance_id = w.instance_id AND r.user_id = w.user_id AND r.t < w.from_ms
  GROUP BY w.instance_id, w.user_id, w.from_ms
),
after AS (
  SELECT instance_id, user_id, from_ms, t AS ends
  FROM (
    SELECT
      w.instance_id,
      w.user_id,
      w.from_ms,
      r.t,
      ROW_NUMBER() OVER (PARTITION BY w.instance_id, w.user_id, w.from_ms ORDER BY r.t) AS nth
    FROM _agent_window AS w
    JOIN _agent_restart AS r ON r.instance_id = w.instance_id AND r.user_id = w.user_id AND r.t >= w.to_ms
  ) AS later
  WHERE nth = 2
)
SELECT w.instance_id, w.user_id, w.from_ms, w.to_ms, b.starts, a.ends
FROM _agent_window AS w
LEFT JOIN before AS b ON b.instance_id = w.instance_id AND b.user_id = w.user_id AND b.from_ms IS NOT DISTINCT FROM w.from_ms
LEFT JOIN after AS a ON a.instance_id = w.instance_id AND a.user_id = w.user_id AND a.from_ms IS NOT DISTINCT FROM w.from_ms
