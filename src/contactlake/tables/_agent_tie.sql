-- Groups of events of one agent in the same millisecond, each with the event that stands before the group (or events:
-- they are a group themselves then). Snapshots as texts that are equal when the snapshots are equal (section 2).
-- Their order is found by following the chain of snapshots, which is no business of SQL.
WITH
counted AS (SELECT agent, t, COUNT(*) AS n FROM _agent_kept GROUP BY agent, t),
times AS (
  SELECT agent, t, n, LAG(t) OVER (PARTITION BY agent ORDER BY t) AS t_before
  FROM counted
  WHERE agent IN (SELECT agent FROM counted WHERE n > 1)
),
wanted AS (
  SELECT agent, t FROM times WHERE n > 1
  UNION
  SELECT agent, t_before FROM times WHERE n > 1 AND t_before IS NOT NULL
),
concerned AS (
  SELECT e.*, f.status, p.status AS previous_status
  FROM _agent_kept AS e
  JOIN wanted AS d ON d.agent = e.agent AND d.t = e.t
  JOIN _agent_status_face AS f ON f.face = e.face
  LEFT JOIN _agent_status_face AS p ON p.face = e.previous_face
),
lists AS (
  SELECT
    part,
    list,
    MAX(state_start) AS newest,
    STRING_AGG(
      contact || '=' || COALESCE(LENGTH(state) || ':' || state, '-') || ';' || COALESCE(CAST(state_start AS VARCHAR), '-'),
      ',' ORDER BY contact
    ) AS text
  FROM _agent_entry
  WHERE list IN (SELECT list FROM concerned UNION SELECT previous_list FROM concerned)
  GROUP BY part, list
)
SELECT
  e.agent,
  e.t,
  e.event_id,
  GREATEST(e.status_start, c.newest) AS newest,
  e.status || '@' || COALESCE(CAST(e.status_start AS VARCHAR), '-') || '|' || COALESCE(c.text, '') AS shows,
  e.previous_status || '@' || COALESCE(CAST(e.previous_start AS VARCHAR), '-') || '|' || COALESCE(p.text, '') AS came_from
FROM concerned AS e
LEFT JOIN lists AS c ON c.part = e.part AND c.list = e.list
LEFT JOIN lists AS p ON p.part = e.part AND p.list = e.previous_list
ORDER BY e.agent, e.t, newest NULLS FIRST, e.event_id
