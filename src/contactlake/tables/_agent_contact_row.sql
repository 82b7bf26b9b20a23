-- The listed contacts, each compared with its neighbours in the agent's timeline (sections 3 and 4):
--   appears, changes  against the event before; gone: not in the event after
--   point             where its state begins, when it appears or changes
--   boundary          where its state ends before the event after, and whether that time is cut by silence
--   state_key, appearance_key   2 i + 1 of the row that began them, 2 i where a repaired state did
WITH
compared AS (
  SELECT
    *,
    former_i IS NULL AS appears,
    former_i IS NOT NULL
    AND (state IS DISTINCT FROM former_state OR state_start IS DISTINCT FROM former_start) AS changes,
    CASE WHEN t_before IS NULL THEN t ELSE LEAST(GREATEST(COALESCE(state_start, t), t_before), t) END AS point,
    t_next IS NOT NULL AND latter_i IS NULL AS gone,
    CASE
      WHEN latter_i IS NULL
        OR (latter_state IS NOT DISTINCT FROM state AND latter_start IS NOT DISTINCT FROM state_start)
      THEN t_next
      ELSE LEAST(GREATEST(COALESCE(latter_start, t_next), t_before_next), t_next)
    END AS latter_point
  FROM (
    SELECT
      *,
      CASE WHEN LAG(i) OVER w = i - 1 THEN LAG(i) OVER w END AS former_i,
      LAG(state) OVER w AS former_state,
      LAG(state_start) OVER w AS former_start,
      CASE WHEN LEAD(i) OVER w = i + 1 THEN LEAD(i) OVER w END AS latter_i,
      LEAD(state) OVER w AS latter_state,
      LEAD(state_start) OVER w AS latter_start
    FROM _agent_contact_listed
    WINDOW w AS (PARTITION BY agent, contact ORDER BY i)
  ) AS neighbours
),
repaired AS (
  SELECT
    c.*,
    CASE WHEN c.appears AND before.i IS NOT NULL THEN 2 * c.i ELSE 2 * c.i + 1 END AS first_key,
    COALESCE(after.state_start, c.latter_point) AS boundary
  FROM compared AS c
  LEFT JOIN _agent_contact_repair AS before
    ON before.i = c.i AND before.contact = c.contact
  LEFT JOIN _agent_contact_repair AS after
    ON after.i = c.i + 1 AND after.contact = c.contact
),
judged AS (
  SELECT
    r.agent, r.contact, r.i, r.t, r.t_before, r.t_before_next, r.t_next, r.config, r.config_before, r.face, r.state,
    r.state_start, r.reached, appears, changes, gone, point, boundary, first_key,
    boundary - t_before_next > (SELECT max_silence_ms FROM _agent_rules)
    AND NOT COALESCE(
      (latter_i IS NOT NULL AND r.state IS NOT DISTINCT FROM latter_state AND r.state_start = latter_start)
      OR (p.i IS NOT NULL AND r.state IS NOT DISTINCT FROM p.state AND r.state_start = p.state_start),
      FALSE
    ) AS silent
  FROM repaired AS r
  LEFT JOIN _agent_contact_previous AS p ON p.i = r.i + 1 AND p.contact = r.contact
)
SELECT
  * EXCLUDE (first_key),
  MAX(CASE WHEN appears OR changes THEN 2 * i + 1 END) OVER w AS state_key,
  MAX(CASE WHEN appears THEN first_key END) OVER w AS appearance_key
FROM judged
WINDOW w AS (PARTITION BY agent, contact ORDER BY i)
