-- Attempts (section 6): maximal runs of ringing or dialling states of one appearance, and the immediate ones of
-- contacts that appear already handling or failed. `ends` is null while the attempt is open.
SELECT
  l.agent,
  l.contact,
  l.attempt_key,
  f.starts,
  l.ends,
  CASE
    WHEN l.next_handling AND (l.state_class = 'RINGING' OR l.next_connected) THEN 'ANSWERED'
    WHEN l.ends IS NULL THEN 'OPEN'
    WHEN l.state_class = 'RINGING' THEN 'NON_RESPONSE'
    ELSE 'NOT_PICKED_UP'
  END AS outcome,
  f.face
FROM _agent_contact_state AS l
JOIN _agent_contact_state AS f ON f.contact = l.contact AND f.attempt_key = l.attempt_key
WHERE l.ends_attempt AND f.begins_attempt
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
