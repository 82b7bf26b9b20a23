-- Every agent's events in order (section 2), without the quiet ones. `i` numbers them: an agent's without gap, between
-- two agents one gap at least, and hardly more, as rows are found by dense numbers without a search. `t_before` is the
-- time of the event before, quiet or not: the lower end of every clamp, and where silence begins. An event that is
-- `calm` would be quiet but for its contacts: it moves no boundary of a status. Spans name an event as evidence by 2 i,
-- and the event before it by 2 i - 1.
WITH
places AS (
  SELECT agent, SUM(COUNT(*)) OVER (ORDER BY agent ROWS UNBOUNDED PRECEDING) - COUNT(*) + agent AS place
  FROM _agent_kept
  GROUP BY agent
),
ordered AS (
  SELECT
    e.*,
    o.position,
    ROW_NUMBER() OVER w AS nth,
    LAG(e.t) OVER w AS t_former,
    LAG(e.event_id) OVER w AS id_former,
    LAG(e.face) OVER w AS face_before,
    LAG(e.status_start) OVER w AS start_before,
    LAG(e.config) OVER w AS config_before,
    LEAD(e.t) OVER w AS t_next,
    LEAD(e.t_quiet) OVER w AS t_quiet_next
  FROM _agent_kept AS e
  LEFT JOIN _agent_tie AS o ON o.agent = e.agent AND o.t = e.t AND o.event_id = e.event_id
  WINDOW w AS (PARTITION BY e.agent ORDER BY e.t, o.position)
),
joined AS (
  SELECT
    e.* EXCLUDE (t_quiet, quiet_id, t_former, id_former, t_quiet_next, nth),
    CAST(a.place + e.nth AS INTEGER) AS i,
    CASE WHEN t_quiet > t_former THEN t_quiet ELSE t_former END AS t_before,
    CASE WHEN t_quiet > t_former THEN quiet_id ELSE id_former END AS event_id_before,
    CASE WHEN t_quiet_next > t THEN t_quiet_next WHEN t_next IS NOT NULL THEN t END AS t_before_next
  FROM ordered AS e
  JOIN places AS a ON a.agent = e.agent
)
SELECT
  *,
  COALESCE(
    t_next IS NOT NULL
    AND kind = 0
    AND face = face_before
    AND status_start IS NOT DISTINCT FROM start_before
    AND config = config_before
    AND t > t_before
    AND t - t_before <= (SELECT max_silence_ms FROM _agent_rules),
    FALSE
  ) AS calm
FROM joined
