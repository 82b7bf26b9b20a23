-- One row for every two neighbours among the events that are not calm: what the status did between them (section 3).
-- `boundary` is where the former status ends, `point` where the new one begins; between them the repaired one.
-- `t0` is the time of the event before, calm or not; it shows the status of the former neighbour.
WITH
shown AS (
  SELECT
    e.agent, e.i, e.t, e.t_before AS t0, e.kind, e.config_before AS config,
    e.face, s.status, s.status_type, e.status_start,
    e.previous_face, p.status AS previous_status, p.status_type AS previous_type, e.previous_start,
    e.face_before AS former_face, f.status AS former_status, f.status_type AS shown_type, e.start_before AS former_start,
    f.status IS NOT NULL
    AND (s.status <> f.status OR e.status_start IS DISTINCT FROM e.start_before) AS changed
  FROM _agent_timeline AS e
  JOIN _agent_status_face AS s ON s.face = e.face
  LEFT JOIN _agent_status_face AS p ON p.face = e.previous_face
  LEFT JOIN _agent_status_face AS f ON f.face = e.face_before
  WHERE NOT e.calm
),
decided AS (
  SELECT
    *,
    -- A LOGOUT forces OFFLINE until the status changes or a LOGIN comes: the latest of these decides.
    COALESCE(MAX(decides) OVER w % 2 = 1, FALSE) AS forced,
    COALESCE(MAX(decides) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) % 2 = 1, FALSE) AS former_forced,
    LAG(i) OVER w AS former_i,
    LAG(t) OVER w AS t_former,
    LAG(kind <> 0 AND NOT changed AND t0 IS NOT NULL) OVER w AS fresh,
    CASE WHEN changed THEN LEAST(GREATEST(COALESCE(status_start, t), t0), t) ELSE t END AS point
  FROM (
    SELECT *, CASE WHEN kind = 2 THEN 2 * i + 1 WHEN kind = 1 OR changed THEN 2 * i END AS decides FROM shown
  ) AS deciding
  WINDOW w AS (PARTITION BY agent ORDER BY i)
),
judged AS (
  SELECT
    *,
    CASE WHEN former_forced THEN 'OFFLINE' ELSE shown_type END AS former_type,
    changed
    AND previous_face IS NOT NULL
    AND (previous_status <> former_status OR previous_start IS DISTINCT FROM former_start)
    AND COALESCE(t0 < previous_start AND previous_start < point, FALSE) AS repaired,
    former_start IS NOT NULL AND (
      (status = former_status AND status_start = former_start)
      OR COALESCE(previous_status = former_status AND previous_start = former_start, FALSE)
    ) IS TRUE AS confirmed
  FROM decided
  WHERE t_former IS NOT NULL
),
bounded AS (
  SELECT *, CASE WHEN repaired THEN previous_start ELSE point END AS boundary FROM judged
)
SELECT
  *,
  boundary - t0 > (SELECT max_silence_ms FROM _agent_rules) AND former_type <> 'OFFLINE' AND NOT confirmed AS silent
FROM bounded
