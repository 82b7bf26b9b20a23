-- Every state of every appearance of a contact with an agent, with its class and what follows it (sections 3 and 4).
-- `ends` is null where the state is still open at the agent's last event; `attempt_key` numbers the maximal runs of
-- ringing and dialling states (section 6).
WITH
begun AS (
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
    LEAD(b.starts) OVER w AS next_starts,
    c.ends AS appearance_ends
  FROM begun AS b
  LEFT JOIN closed AS c
    ON c.contact = b.contact AND c.appearance_key = b.appearance_key
  WINDOW w AS (PARTITION BY b.contact, b.appearance_key ORDER BY b.state_key)
),
classed AS (
  SELECT
    s.*,
    COALESCE(next_starts, appearance_ends) AS ends,
    CASE
      WHEN state IN ('CONNECTED', 'CONNECTED_ONHOLD', 'PAUSED', 'ENDED') THEN 'HANDLING'
      WHEN state = 'CONNECTING' AND f.kind IN ('outbound', 'callback')
      THEN 'DIALLING'
      WHEN state IN ('CONNECTING', 'INCOMING', 'PENDING') THEN 'RINGING'
      WHEN state IN ('MISSED', 'REJECTED', 'ERROR') THEN 'FAILED'
    END AS state_class
  FROM shown AS s
  JOIN _agent_contact_face AS f ON f.face = s.first_face
)
SELECT
  * EXCLUDE (next_starts, trying, begins_attempt),
  COALESCE(state_class = 'HANDLING' AND (state = 'CONNECTED' OR reached), FALSE) AS connected,
  CASE WHEN trying THEN
    MAX(CASE WHEN begins_attempt THEN state_key END) OVER (
      PARTITION BY contact, appearance_key ORDER BY state_key
    )
  END AS attempt_key
FROM (
  SELECT
    *,
    trying AND NOT COALESCE(LAG(trying) OVER (
      PARTITION BY contact, appearance_key ORDER BY state_key
    ), FALSE) AS begins_attempt
  FROM (SELECT *, COALESCE(state_class IN ('RINGING', 'DIALLING'), FALSE) AS trying FROM classed) AS tried
) AS sequenced
