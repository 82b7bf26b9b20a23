-- Attempts (section 6): maximal runs of ringing or dialling states of one appearance, and the immediate ones of
-- contacts that appear already handling or failed. `ends` is null while the attempt is open.
WITH
followed AS (
  SELECT
    *,
    LEAD(state_class) OVER w AS next_class,
    LEAD(connected) OVER w AS next_connected,
    FIRST_VALUE(starts) OVER r AS attempt_starts,
    FIRST_VALUE(face) OVER r AS attempt_face,
    LEAD(state_key) OVER r IS NULL AS is_last
  FROM _agent_contact_state
  WINDOW
    w AS (PARTITION BY contact, appearance_key ORDER BY state_key),
    r AS (PARTITION BY contact, appearance_key, attempt_key ORDER BY state_key)
)
SELECT
  agent,
  contact,
  attempt_key,
  attempt_starts AS starts,
  ends,
  CASE
    WHEN next_class = 'HANDLING' AND (state_class = 'RINGING' OR next_connected) THEN 'ANSWERED'
    WHEN ends IS NULL THEN 'OPEN'
    WHEN state_class = 'RINGING' THEN 'NON_RESPONSE'
    ELSE 'NOT_PICKED_UP'
  END AS outcome,
  attempt_face AS face
FROM followed
WHERE attempt_key IS NOT NULL AND is_last
UNION ALL
SELECT
  agent,
  contact,
  state_key,
  starts,
  starts,
  CASE state_class WHEN 'HANDLING' THEN 'ANSWERED' ELSE 'NON_RESPONSE' END,
  face
FROM _agent_contact_state
WHERE number = 1 AND state_class IN ('HANDLING', 'FAILED')
