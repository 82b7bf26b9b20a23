-- Every agent's events in order (section 2), without the quiet ones: an event that repeats status, contacts and
-- configuration of the event before, after no longer than the silence that is believed, moves no boundary. `i` numbers
-- what remains: an agent's events without gap, no two agents' alike. An event that is `calm` is quiet but for its contacts: it moves no boundary of a status.
-- `t_before` is the time of the event before, quiet or not: the lower end of every clamp, and where silence begins.
-- Spans name an event as evidence by 2 i, and the event before it by 2 i - 1.
WITH
ordered AS (
  SELECT
    e.*,
    o.position,
    LAG(e.t) OVER w AS t_before,
    LAG(e.event_id) OVER w AS event_id_before,
    LAG(e.face) OVER w AS face_before,
    LAG(e.status_start) OVER w AS start_before,
    LAG(e.config) OVER w AS config_before,
    LAG(e.list) OVER w AS list_before,
    LEAD(e.t) OVER w AS t_after
  FROM _agent_evidence_numbered AS e
  LEFT JOIN _agent_tie AS o ON o.agent = e.agent AND o.t = e.t AND o.event_id = e.event_id
  WINDOW w AS (PARTITION BY e.agent ORDER BY e.t, o.position)
),
judged AS (
  SELECT
    *,
    COALESCE(
      t_after IS NOT NULL
      AND kind = 0
      AND face = face_before
      AND status_start IS NOT DISTINCT FROM start_before
      AND config = config_before
      AND t > t_before
      AND t - t_before <= (SELECT max_silence_ms FROM _agent_rules),
      FALSE
    ) AS calm
  FROM ordered
)
SELECT
  * EXCLUDE (list_before, t_after),
  agent * 4294967296 + ROW_NUMBER() OVER w AS i,
  LEAD(t) OVER w AS t_next,
  LEAD(t_before) OVER w AS t_before_next
FROM judged
WHERE NOT (
  calm
  AND list IS NOT DISTINCT FROM list_before
  AND (previous_list IS NULL OR previous_list IS NOT DISTINCT FROM list)
)
WINDOW w AS (PARTITION BY agent ORDER BY t, position)
