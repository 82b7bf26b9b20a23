-- Groups of events of one agent in the same millisecond, each with the event that stands before the group (or events:
-- they are a group themselves then). Snapshots as texts that are equal when the snapshots are equal (section 2).
-- Their order is found by following the chain of snapshots, which is no business of SQL.
WITH
times AS (
  SELECT agent, t, n, LAG(t) OVER (PARTITION BY agent ORDER BY t) AS t_before
  FROM (SELECT agent, t, COUNT(*) AS n FROM _agent_evidence_numbered GROUP BY agent, t) AS counted
),
wanted AS (
  SELECT agent, t FROM times WHERE n > 1
  UNION
  SELECT agent, t_before FROM times WHERE n > 1 AND t_before IS NOT NULL
),
concerned AS (
  SELECT e.*
  FROM _agent_evidence_numbered AS e
  JOIN wanted AS d ON d.agent = e.agent AND d.t = e.t
),
entries AS (
  SELECT
    agent,
    event_id,
    side,
    x.contact_id,
    x.state,
    CAST(FLOOR(EPOCH_US(x.state_start_timestamp) / 1000) AS BIGINT) AS state_start,
    ROW_NUMBER() OVER (
      PARTITION BY agent, event_id, side, x.contact_id
      ORDER BY CAST(FLOOR(EPOCH_US(x.state_start_timestamp) / 1000) AS BIGINT) DESC NULLS LAST, place DESC
    ) AS choice
  FROM (
    SELECT agent, event_id, 1 AS side, u.x, u.place
    FROM concerned, UNNEST(contacts) WITH ORDINALITY AS u(x, place)
    UNION ALL
    SELECT agent, event_id, 2 AS side, u.x, u.place
    FROM concerned, UNNEST(previous_contacts) WITH ORDINALITY AS u(x, place)
  ) AS shown
  WHERE COALESCE(x.contact_id, '') <> '' AND x.initiation_method IS DISTINCT FROM 'MONITOR'
),
lists AS (
  SELECT
    agent,
    event_id,
    side,
    MAX(state_start) AS newest,
    STRING_AGG(
      LENGTH(contact_id) || ':' || contact_id || COALESCE(LENGTH(state) || ':' || state, '-')
      || ';' || COALESCE(CAST(state_start AS VARCHAR), '-'),
      ',' ORDER BY contact_id
    ) AS text
  FROM entries
  WHERE choice = 1
  GROUP BY agent, event_id, side
)
SELECT
  e.agent,
  e.t,
  e.event_id,
  GREATEST(e.status_start, c.newest) AS newest,
  e.status || '@' || COALESCE(CAST(e.status_start AS VARCHAR), '-') || '|' || COALESCE(c.text, '') AS shows,
  e.previous_status || '@' || COALESCE(CAST(e.previous_start AS VARCHAR), '-') || '|' || COALESCE(p.text, '') AS came_from
FROM concerned AS e
LEFT JOIN lists AS c ON c.agent = e.agent AND c.event_id = e.event_id AND c.side = 1
LEFT JOIN lists AS p ON p.agent = e.agent AND p.event_id = e.event_id AND p.side = 2
ORDER BY e.agent, e.t, newest NULLS FIRST, e.event_id
