-- Contact spans in numbers: pieces between neighbouring events, joined within a state where nothing tells them apart,
-- each with its state. A state of 0 ms keeps one piece (section 6 needs it in the sequence), and so does a face that a
-- state begins with and that gives way in the same millisecond (what is counted takes it). `known` is false where the
-- contact is unknown.
WITH
rows_seen AS (
  -- `whole`: what lies before the event and what lies after it are one piece.
  SELECT
    *,
    appears OR changes AS begins,
    COALESCE(
      (appears OR changes) AND config = config_before AND point < t AND t < boundary AND NOT silent, FALSE
    ) AS whole
  FROM _agent_contact_row
),
pieces AS (
  SELECT
    agent, contact, state_key, 2 * i + 1 AS place, CASE WHEN whole THEN point ELSE t END AS a,
    CASE WHEN silent THEN t_before_next + (SELECT max_silence_ms FROM _agent_rules) ELSE boundary END AS b,
    config, face, TRUE AS known, FALSE AS repaired, silent, 2 * i AS opened_by,
    CASE WHEN boundary = t_before_next AND t_before_next > t THEN 2 * i + 1 ELSE 2 * i + 2 END AS closed_by
  FROM rows_seen
  WHERE t_next IS NOT NULL
  UNION ALL
  SELECT
    agent, contact, state_key, 2 * i + 1, t_before_next + (SELECT max_silence_ms FROM _agent_rules), boundary,
    config, face, FALSE, FALSE, TRUE, 2 * i + 1, 2 * i + 2
  FROM rows_seen
  WHERE silent
  UNION ALL
  SELECT
    agent, contact, state_key, 2 * i, point, t,
    config_before, face, TRUE, FALSE, FALSE, 2 * i, 2 * i
  FROM rows_seen
  WHERE begins AND t_before IS NOT NULL AND NOT whole
  UNION ALL
  SELECT
    agent, contact, 2 * i, 2 * i, state_start, point,
    config, face, TRUE, TRUE, FALSE, 2 * i, 2 * i
  FROM _agent_contact_repair
  UNION ALL
  SELECT
    agent, contact, state_key, 2 * i + 1, t, t,
    config, face, TRUE, FALSE, FALSE, 2 * i, 2 * i
  FROM rows_seen
  WHERE t_next IS NULL AND begins
),
first_shown AS (
  SELECT contact, state_key, MIN(place) AS place, ARG_MIN(face, place) FILTER (b > a) AS lasting_face
  FROM pieces
  WHERE (contact, state_key) IN (SELECT contact, state_key FROM pieces WHERE b <= a)
  GROUP BY contact, state_key
),
kept AS (
  SELECT * FROM pieces WHERE b > a
  UNION ALL
  SELECT * EXCLUDE (nth)
  FROM (
    SELECT p.*, ROW_NUMBER() OVER (PARTITION BY p.contact, p.state_key ORDER BY p.known DESC) AS nth
    FROM pieces AS p
    JOIN first_shown AS o ON o.contact = p.contact AND o.state_key = p.state_key AND o.place = p.place
    WHERE p.b <= p.a AND p.face IS DISTINCT FROM o.lasting_face
  ) AS momentary
  WHERE nth = 1
),
several AS (
  -- States of more than one piece: few, and only their pieces need sorting.
  SELECT contact, state_key FROM kept GROUP BY contact, state_key HAVING COUNT(*) > 1
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
  FROM kept AS p
  WHERE EXISTS (SELECT 1 FROM several AS o WHERE o.contact = p.contact AND o.state_key = p.state_key)
  WINDOW w AS (PARTITION BY contact, state_key ORDER BY a, place)
),
grouped AS (
  SELECT *, SUM(begins) OVER (PARTITION BY contact, state_key ORDER BY a, place) AS span FROM marked
),
spans AS (
  SELECT agent, contact, state_key, a, b, config, face, known, repaired, silent, opened_by, closed_by
  FROM kept AS p
  WHERE NOT EXISTS (SELECT 1 FROM several AS o WHERE o.contact = p.contact AND o.state_key = p.state_key)
  UNION ALL
  SELECT
    agent,
    contact,
    state_key,
    MIN(a),
    MAX(b),
    MIN(config),
    MIN(face),
    BOOL_AND(known),
    BOOL_OR(repaired),
    BOOL_OR(silent),
    ARG_MIN(opened_by, a),
    ARG_MAX(closed_by, a)
  FROM grouped
  GROUP BY agent, contact, state_key, span
)
SELECT
  p.*, c.appearance_key, c.attempt_key, c.number, c.state, c.state_start, c.state_class, c.connected, c.ends
FROM spans AS p
JOIN _agent_contact_state AS c ON c.contact = p.contact AND c.state_key = p.state_key
