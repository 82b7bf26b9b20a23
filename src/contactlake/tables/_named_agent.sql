-- What agents were called, and from when on: events tell; contact records, which are written later and know no full names,
-- only of days on which no event tells. A full name stands until another is told.
SELECT
  instance_id,
  user_id,
  first_seen,
  agent_username,
  LAST_VALUE(NULLIF(TRIM(CONCAT_WS(' ', first_name, last_name)), '') IGNORE NULLS) OVER (
    PARTITION BY instance_id, user_id ORDER BY first_seen, source DESC
  ) AS agent_name
FROM agent_configuration
WHERE agent_username IS NOT NULL
QUALIFY
  source = 'agent_event'
  OR COUNT(*) FILTER (source = 'agent_event') OVER (
    PARTITION BY instance_id, user_id, DATE_TRUNC('day', first_seen)
  ) = 0
