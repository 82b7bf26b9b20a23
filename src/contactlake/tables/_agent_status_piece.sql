-- Status spans in numbers: pieces between neighbouring events, joined where nothing tells them apart.
-- `face` is null where the status is unknown. A span does not run on through a LOGIN or LOGOUT that changed no status.
WITH
pieces AS (
  SELECT
    agent, t_former AS a, CASE WHEN silent THEN t0 + (SELECT max_silence_ms FROM _agent_rules) ELSE boundary END AS b,
    config, former_face AS face, former_type AS type, former_start AS status_start, FALSE AS repaired, silent,
    former_forced AS forced, 2 * former_i AS opened_by,
    CASE WHEN boundary = t0 AND t0 > t_former THEN 2 * i - 1 ELSE 2 * i END AS closed_by, fresh
  FROM _agent_status_gap
  UNION ALL
  SELECT
    agent, t0 + (SELECT max_silence_ms FROM _agent_rules), boundary,
    config, NULL, NULL, NULL, FALSE, TRUE, FALSE, 2 * i - 1, 2 * i, FALSE
  FROM _agent_status_gap
  WHERE silent
  UNION ALL
  SELECT
    agent, boundary, point,
    config, previous_face, previous_type, previous_start, TRUE, FALSE, FALSE, 2 * i, 2 * i, FALSE
  FROM _agent_status_gap
  WHERE repaired
  UNION ALL
  SELECT
    agent, point, t,
    config, face, CASE WHEN forced THEN 'OFFLINE' ELSE status_type END, status_start, FALSE, FALSE, forced,
    2 * i, 2 * i, FALSE
  FROM _agent_status_gap
  WHERE changed
),
marked AS (
  SELECT
    *,
    CASE
      WHEN NOT fresh
        AND NOT LAG(silent) OVER w
        AND LAG(face) OVER w = face
        AND LAG(type) OVER w = type
        AND LAG(status_start) OVER w IS NOT DISTINCT FROM status_start
        AND LAG(config) OVER w = config
        AND LAG(repaired) OVER w = repaired
        AND LAG(forced) OVER w = forced
      THEN 0
      ELSE 1
    END AS begins
  FROM pieces
  WHERE b > a
  WINDOW w AS (PARTITION BY agent ORDER BY a)
),
grouped AS (
  SELECT *, SUM(begins) OVER (PARTITION BY agent ORDER BY a) AS span FROM marked
)
SELECT
  agent,
  MIN(a) AS a,
  MAX(b) AS b,
  MIN(config) AS config,
  MIN(face) AS face,
  MIN(type) AS type,
  MIN(status_start) AS status_start,
  BOOL_OR(repaired) AS repaired,
  BOOL_OR(silent) AS silent,
  BOOL_OR(forced) AS forced,
  ARG_MIN(opened_by, a) AS opened_by,
  ARG_MAX(closed_by, a) AS closed_by
FROM grouped
GROUP BY agent, span
