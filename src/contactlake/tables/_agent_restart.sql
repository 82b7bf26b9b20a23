-- Events from which an agent's timelines can be derived without what came before (see AGENT_STRETCHES).
-- `since` is the instant of the earliest event that this depends on.
WITH
seen AS (
  SELECT
    instance_id,
    NULLIF(REGEXP_EXTRACT(agent_arn, '${before_user_id}([^/]+)', 1), '') AS user_id,
    CAST(FLOOR(EPOCH_US(event_timestamp) / 1000) AS BIGINT) AS t,
    COALESCE(event_type IN ('LOGIN', 'LOGOUT'), FALSE) AS logs,
    COALESCE(NULLIF(current_agent_status_arn, ''), NULLIF(current_agent_status_name, '')) AS status_id,
    CAST(FLOOR(EPOCH_US(current_agent_status_start_timestamp) / 1000) AS BIGINT) AS status_start,
    COALESCE(LEN(LIST_FILTER(
      current_contacts,
      LAMBDA x: COALESCE(x.contact_id, '') <> '' AND x.initiation_method IS DISTINCT FROM 'MONITOR'
    )), 0) = 0 AS alone
  FROM _agent_event
),
instants AS (
  SELECT
    instance_id,
    user_id,
    t,
    COUNT(*) AS events,
    BOOL_AND(logs) AS logs,
    BOOL_AND(alone) AS alone,
    MIN(status_id) AS status_id,
    MIN(status_start) AS status_start
  FROM seen
  WHERE user_id IS NOT NULL AND t IS NOT NULL AND status_id IS NOT NULL
  GROUP BY instance_id, user_id, t
),
compared AS (
  SELECT
    *,
    LAG(t) OVER w AS t_before,
    LAG(events) OVER w AS events_before,
    LAG(status_id) OVER w AS status_before,
    LAG(status_start) OVER w AS start_before
  FROM instants
  WINDOW w AS (PARTITION BY instance_id, user_id ORDER BY t)
)
SELECT instance_id, user_id, t, CASE WHEN logs THEN t ELSE t_before END AS since
FROM compared
WHERE events = 1
  AND alone
  AND (
    logs
    OR (
      events_before = 1
      AND (status_id <> status_before OR status_start IS DISTINCT FROM start_before)
    )
  )
