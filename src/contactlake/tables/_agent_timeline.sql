-- Every agent's events in order (section 2), without the quiet ones: an event that repeats status, contacts and
-- configuration of the event before, after no longer than the silence that is believed, moves no boundary.
-- `t_before` is the time of the event before, quiet or not: the lower end of every clamp, and where silence begins.
WITH
ordered AS (
  SELECT
    e.*,
    o.position,
    LAG(e.t) OVER w AS t_before,
    LAG(e.event) OVER w AS event_before,
    LAG(face) OVER w AS face_before,
    LAG(status) OVER w AS status_before,
    LAG(status_start) OVER w AS start_before,
    LAG(config) OVER w AS config_before,
    LAG(list) OVER w AS list_before,
    LEAD(e.t) OVER w AS t_after
  FROM _agent_evidence_numbered AS e
  LEFT JOIN _agent_tie AS o ON o.event = e.event
  WINDOW w AS (PARTITION BY e.agent ORDER BY e.t, o.position, e.event_id)
),
judged AS (
  SELECT
    *,
    t_before IS NOT NULL AND (status <> status_before OR status_start IS DISTINCT FROM start_before) AS changed
  FROM ordered
  WHERE NOT COALESCE(
    t_after IS NOT NULL
    AND kind = 0
    AND face = face_before
    AND status_start IS NOT DISTINCT FROM start_before
    AND config = config_before
    AND t > t_before
    AND t - t_before <= (SELECT max_silence_ms FROM _agent_rules)
    AND list IS NOT DISTINCT FROM list_before
    AND (previous_list IS NULL OR previous_list IS NOT DISTINCT FROM list),
    FALSE
  )
),
numbered AS (
  SELECT
    * EXCLUDE (face_before, status_before, start_before, list_before, t_after),
    ROW_NUMBER() OVER (PARTITION BY agent ORDER BY t, position, event_id) AS i
  FROM judged
)
SELECT
  *,
  -- A LOGOUT forces OFFLINE until the status changes or a LOGIN comes: the latest of these decides.
  COALESCE(
    MAX(CASE WHEN kind = 2 THEN 2 * i + 1 WHEN kind = 1 OR changed THEN 2 * i END) OVER w % 2 = 1, FALSE
  ) AS forced,
  LEAD(t) OVER w AS t_next,
  LEAD(t_before) OVER w AS t_before_next,
  LEAD(event_before) OVER w AS event_before_next,
  LEAD(event) OVER w AS event_next
FROM numbered
WINDOW w AS (PARTITION BY agent ORDER BY i)
