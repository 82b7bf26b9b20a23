-- Every state of every appearance of a contact with an agent, with its class and what follows it (sections 3 and 4).
-- `ends` is null where the state is still open at the agent's last event; `attempt_key` tells the maximal runs of
-- ringing and dialling states apart (section 6) by the last other state before them, or else by the appearance.
WITH
begun AS (
  SELECT
    *,
    COALESCE(state IN ('CONNECTED', 'CONNECTED_ONHOLD', 'PAUSED', 'ENDED'), FALSE) AS handling,
    COALESCE(state IN ('CONNECTING', 'INCOMING', 'PENDING'), FALSE) AS trying
  FROM (
    SELECT
      agent, contact, appearance_key, state_key, i, point AS starts, state, state_start, reached, face
    FROM _agent_contact_row
    WHERE appears OR changes
    UNION ALL
    SELECT
      p.agent, p.contact, COALESCE(r.appearance_key, 2 * p.i), 2 * p.i, p.i, p.state_start, p.state, p.state_start,
      p.reached, p.face
    FROM _agent_contact_repair AS p
    LEFT JOIN _agent_contact_row AS r ON r.i = p.i - 1 AND r.contact = p.contact
  ) AS states
),
closed AS (
  SELECT agent, contact, appearance_key, t_next AS ends FROM _agent_contact_row WHERE gone
  UNION ALL
  SELECT agent, contact, 2 * i, t FROM _agent_contact_repair WHERE NOT in_former AND NOT in_latter
),
shown AS (
  SELECT
    b.*,
    FIRST_VALUE(b.face) OVER w AS first_face,
    ROW_NUMBER() OVER w AS number,
    COALESCE(LEAD(b.starts) OVER w, c.ends) AS ends,
    COALESCE(LEAD(handling) OVER w, FALSE) AS next_handling,
    COALESCE(LEAD(handling AND (state = 'CONNECTED' OR reached)) OVER w, FALSE) AS next_connected,
    trying AND NOT COALESCE(LAG(trying) OVER w, FALSE) AS begins_attempt,
    trying AND NOT COALESCE(LEAD(trying) OVER w, FALSE) AS ends_attempt,
    -COALESCE(MAX(CASE WHEN NOT trying THEN state_key END) OVER w, b.appearance_key) AS run
  FROM begun AS b
  LEFT JOIN closed AS c
    ON c.contact = b.contact AND c.appearance_key = b.appearance_key
  WINDOW w AS (PARTITION BY b.contact, b.appearance_key ORDER BY b.state_key)
)
SELECT
  s.* EXCLUDE (handling, trying, run),
  CASE
    WHEN handling THEN 'HANDLING'
    WHEN state = 'CONNECTING' AND f.kind IN ('outbound', 'callback') THEN 'DIALLING'
    WHEN trying THEN 'RINGING'
    WHEN state IN ('MISSED', 'REJECTED', 'ERROR') THEN 'FAILED'
  END AS state_class,
  handling AND (state = 'CONNECTED' OR reached) AS connected,
  CASE WHEN trying THEN run END AS attempt_key
FROM shown AS s
JOIN _agent_contact_face AS f ON f.face = s.first_face
