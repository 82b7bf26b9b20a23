-- What is counted at a moment (section 6), with the configuration of the last event at or before the moment.
-- `what` is told apart for every row: texts of at most 12 bytes are compared like numbers.
-- A contact in `_agent_connected` was connected with the agent before the events given here: it is counted there.
WITH
attempts AS (
  SELECT a.*, f.kind
  FROM _agent_attempt AS a
  JOIN _agent_contact_face AS f ON f.face = a.face
),
first_connects AS (
  SELECT *
  FROM (
    SELECT
      s.*,
      ROW_NUMBER() OVER (PARTITION BY s.agent, s.contact ORDER BY s.starts, s.state_key) AS nth
    FROM _agent_contact_state AS s
    JOIN _agent AS a ON a.agent = s.agent
    JOIN _agent_contact AS c ON c.contact = s.contact
    LEFT JOIN _agent_connected AS k
      ON k.instance_id = a.instance_id AND k.user_id = a.user_id AND k.contact_id = c.contact_id
    WHERE s.connected AND k.contact_id IS NULL
  ) AS connects
  WHERE nth = 1
),
counted AS (
  SELECT agent, starts AS t, 'started' AS what, face FROM attempts
  UNION ALL
  SELECT agent, ends, 'no_response', face FROM attempts WHERE kind <> 'outbound' AND outcome = 'NON_RESPONSE'
  UNION ALL
  SELECT agent, ends, 'no_pick_up', face FROM attempts WHERE kind = 'callback' AND outcome = 'NOT_PICKED_UP'
  UNION ALL
  SELECT c.agent, c.starts, 'handled', c.face
  FROM first_connects AS c
  JOIN _agent_contact_face AS f ON f.face = c.face
  WHERE (SELECT contacts_handled FROM _agent_rules) = 'all' OR f.kind <> 'outbound'
),
placed AS (
  SELECT *, MAX(i) OVER (PARTITION BY agent ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS at
  FROM (
    SELECT agent, t, what, face, NULL AS i FROM counted
    UNION ALL
    SELECT agent, t, NULL, NULL, i FROM _agent_timeline WHERE config IS DISTINCT FROM config_before
  ) AS both_kinds
)
SELECT p.agent, e.config, p.t, p.what, p.face
FROM placed AS p
JOIN _agent_timeline AS e ON e.i = p.at
WHERE p.what IS NOT NULL
