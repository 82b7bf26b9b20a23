-- agent_status: the numbers of custom statuses (section 7). Numbers given before are kept; a new status gets the next
-- number of its instance, in the order of the first event that shows it, then by identity.
WITH
evidence AS (
  SELECT
    instance_id,
    agent_arn,
    NULLIF(current_agent_status_arn, '') AS current_arn,
    NULLIF(current_agent_status_name, '') AS current_name,
    current_agent_status_type AS current_type,
    NULLIF(previous_agent_status_arn, '') AS previous_arn,
    NULLIF(previous_agent_status_name, '') AS previous_name,
    previous_agent_status_type AS previous_type,
    CAST(FLOOR(EPOCH_US(MIN(event_timestamp)) / 1000) AS BIGINT) AS first_t,
    CAST(FLOOR(EPOCH_US(MAX(event_timestamp)) / 1000) AS BIGINT) AS last_t
  FROM _agent_event
  WHERE event_timestamp IS NOT NULL
  GROUP BY ALL
),
shown AS (
  SELECT instance_id, agent_arn, first_t, last_t, current_arn AS arn, current_name AS name, current_type AS type
  FROM evidence
  WHERE COALESCE(current_arn, current_name) IS NOT NULL
  UNION ALL
  SELECT instance_id, agent_arn, first_t, last_t, previous_arn, previous_name, previous_type
  FROM evidence
  WHERE COALESCE(current_arn, current_name) IS NOT NULL
),
found AS (
  SELECT
    instance_id,
    COALESCE(arn, name) AS status_id,
    MAX(arn) AS status_arn,
    ARG_MAX(name, ROW(last_t, name)) FILTER (WHERE name IS NOT NULL) AS status_name,
    MIN(first_t) AS first_seen,
    MAX(last_t) AS last_seen
  FROM shown
  WHERE COALESCE(arn, name) IS NOT NULL
    AND REGEXP_MATCHES(agent_arn, '${before_user_id}[^/]')
    AND (
      type = 'CUSTOM'
      OR (COALESCE(type, '') NOT IN ('ROUTABLE', 'OFFLINE') AND COALESCE(name, '') NOT IN ('Available', 'Offline'))
    )
  GROUP BY instance_id, COALESCE(arn, name)
),
taken AS (
  SELECT instance_id, MAX(number) AS number FROM _agent_status_known GROUP BY instance_id
),
fresh AS (
  SELECT
    f.*,
    COALESCE(t.number, 0) + ROW_NUMBER() OVER (PARTITION BY f.instance_id ORDER BY f.first_seen, f.status_id) AS number
  FROM found AS f
  LEFT JOIN _agent_status_known AS k ON k.instance_id = f.instance_id AND k.status_id = f.status_id
  LEFT JOIN taken AS t ON t.instance_id = f.instance_id
  WHERE k.status_id IS NULL
)
SELECT
  instance_id,
  status_id,
  status_arn,
  status_name,
  CAST(number AS BIGINT) AS number,
  MAKE_TIMESTAMPTZ(first_seen * 1000) AS first_seen,
  MAKE_TIMESTAMPTZ(last_seen * 1000) AS last_seen
FROM fresh
UNION ALL
SELECT
  k.instance_id,
  k.status_id,
  COALESCE(f.status_arn, k.status_arn),
  CASE
    WHEN f.status_name IS NULL OR MAKE_TIMESTAMPTZ(f.last_seen * 1000) < k.last_seen
    THEN COALESCE(k.status_name, f.status_name)
    ELSE f.status_name
  END,
  k.number,
  LEAST(k.first_seen, MAKE_TIMESTAMPTZ(f.first_seen * 1000)),
  GREATEST(k.last_seen, MAKE_TIMESTAMPTZ(f.last_seen * 1000))
FROM _agent_status_known AS k
LEFT JOIN found AS f ON f.instance_id = k.instance_id AND f.status_id = k.status_id
