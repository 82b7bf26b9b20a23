-- Contact spans in numbers: pieces between neighbouring events, joined within a state where nothing tells them apart.
-- A state of 0 ms keeps one piece (section 6 needs it in the sequence). `known` is false where the contact is unknown.
WITH
pieces AS (
  SELECT
    agent, contact, state_key, 2 * i + 1 AS place, t AS a,
    CASE WHEN silent THEN t_before_next + (SELECT max_silence_ms FROM _agent_rules) ELSE boundary END AS b,
    config, face, TRUE AS known, FALSE AS repaired, silent, event AS opened_by,
    CASE WHEN boundary = t_before_next AND t_before_next > t THEN event_before_next ELSE event_next END AS closed_by
  FROM _agent_contact_row
  WHERE t_next IS NOT NULL
  UNION ALL
  SELECT
    agent, contact, state_key, 2 * i + 1, t_before_next + (SELECT max_silence_ms FROM _agent_rules), boundary,
    config, face, FALSE, FALSE, TRUE, event_before_next, event_next
  FROM _agent_contact_row
  WHERE silent
  UNION ALL
  SELECT
    agent, contact, state_key, 2 * i, point, t,
    config_before, face, TRUE, FALSE, FALSE, event, event
  FROM _agent_contact_row
  WHERE (appears OR changes) AND i > 1
  UNION ALL
  SELECT
    agent, contact, 2 * i, 2 * i, state_start, point,
    config, face, TRUE, TRUE, FALSE, event, event
  FROM _agent_contact_repair
  UNION ALL
  SELECT
    agent, contact, state_key, 2 * i + 1, t, t,
    config, face, TRUE, FALSE, FALSE, event, event
  FROM _agent_contact_row
  WHERE t_next IS NULL AND (appears OR changes)
),
kept AS (
  SELECT *
  FROM (
    SELECT
      *,
      MAX(b - a) OVER (PARTITION BY agent, contact, state_key) AS longest,
      ROW_NUMBER() OVER (PARTITION BY agent, contact, state_key ORDER BY place) AS nth
    FROM pieces
  ) AS measured
  WHERE b > a OR (longest <= 0 AND nth = 1)
),
marked AS (
  SELECT
    *,
    CASE
      WHEN NOT LAG(silent) OVER w
        AND LAG(known) OVER w = known
        AND LAG(repaired) OVER w = repaired
        AND LAG(config) OVER w = config
        AND LAG(face) OVER w = face
      THEN 0
      ELSE 1
    END AS begins
  FROM kept
  WINDOW w AS (PARTITION BY agent, contact, state_key ORDER BY a, place)
),
grouped AS (
  SELECT *, SUM(begins) OVER (PARTITION BY agent, contact, state_key ORDER BY a, place) AS span FROM marked
)
SELECT
  agent,
  contact,
  state_key,
  MIN(a) AS a,
  MAX(b) AS b,
  MIN(config) AS config,
  MIN(face) AS face,
  BOOL_AND(known) AS known,
  BOOL_OR(repaired) AS repaired,
  BOOL_OR(silent) AS silent,
  ARG_MIN(opened_by, a) AS opened_by,
  ARG_MAX(closed_by, a) AS closed_by
FROM grouped
GROUP BY agent, contact, state_key, span
