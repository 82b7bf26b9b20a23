-- One row for every two neighbours in an agent's timeline: what the status did between them (section 3).
-- `boundary` is where the former status ends, `point` where the new one begins; between them the repaired one.
SELECT
  *,
  boundary - t0 > (SELECT max_silence_ms FROM _agent_rules) AND former_type <> 'OFFLINE' AND NOT confirmed AS silent
FROM (
  SELECT
    *,
    CASE WHEN repaired THEN previous_start ELSE point END AS boundary,
    former_start IS NOT NULL AND (
      (status = former_status AND status_start = former_start)
      OR COALESCE(previous_status = former_status AND previous_start = former_start, FALSE)
    ) IS TRUE AS confirmed
  FROM (
    SELECT
      *,
      changed
      AND previous_face IS NOT NULL
      AND (previous_status <> former_status OR previous_start IS DISTINCT FROM former_start)
      AND COALESCE(t0 < previous_start AND previous_start < point, FALSE) AS repaired
    FROM (
      SELECT
        agent,
        event,
        LAG(event) OVER w AS former_event,
        LAG(t) OVER w AS t_former,
        t_before AS t0,
        event_before,
        t,
        kind,
        changed,
        forced,
        face,
        status,
        status_type,
        status_start,
        previous_face,
        previous_status,
        previous_type,
        previous_start,
        LAG(config) OVER w AS config,
        LAG(face) OVER w AS former_face,
        LAG(status) OVER w AS former_status,
        LAG(status_start) OVER w AS former_start,
        LAG(forced) OVER w AS former_forced,
        CASE WHEN LAG(forced) OVER w THEN 'OFFLINE' ELSE LAG(status_type) OVER w END AS former_type,
        LAG(kind <> 0 AND NOT changed) OVER w AND LAG(t_before) OVER w IS NOT NULL AS fresh,
        CASE WHEN changed THEN LEAST(GREATEST(COALESCE(status_start, t), t_before), t) ELSE t END AS point
      FROM _agent_timeline
      WINDOW w AS (PARTITION BY agent ORDER BY i)
    ) AS neighbours
    WHERE t_former IS NOT NULL
  ) AS judged
) AS bounded
