-- agent_configuration: stretches of a UTC day in which a source shows an agent configured the same. Of several events of
-- an agent at one instant the one with the greatest id tells. A contact tells of the instant at which its agent was
-- connected, if that is on the day on which the contact began; else of that day's last instant: what is told is never
-- taken for newer than it is, and a day's rows follow from that day's files. Most agents are configured in one way all
-- day: only of the others the single events are looked at.
WITH
configured AS (
  SELECT
    'agent_event' AS source,
    instance_id,
    aws_account_id,
    instance_arn,
    agent_arn AS user_arn,
    ${of_events},
    ${event_day} AS day,
    LIST({'t': EPOCH_US(event_timestamp), 'id': event_id}) AS seen
  FROM _configured_event
  WHERE COALESCE(${shown_in_events}) IS NOT NULL
  GROUP BY ALL
  UNION ALL BY NAME
  SELECT
    'contact_record' AS source,
    instance_id,
    aws_account_id,
    instance_arn,
    agent_arn AS user_arn,
    ${of_contacts},
    ${contact_day} AS day,
    LIST({'t': ${of_the_day}, 'id': contact_id}) AS seen
  FROM (SELECT *, agent_connected_to_agent_timestamp AS told_timestamp FROM _configured_contact)
  WHERE agent_arn IS NOT NULL
  GROUP BY ALL
),
identified AS (
  SELECT
    *,
    ${ids},
    NULLIF(REGEXP_EXTRACT(user_arn, '${before_user_id}([^/]+)', 1), '') AS user_id,
    ROW_NUMBER() OVER () AS configuration,
    LIST_MIN(LIST_TRANSFORM(seen, lambda s: s.t)) AS first_t,
    LIST_MAX(LIST_TRANSFORM(seen, lambda s: s.t)) AS last_t
  FROM configured
),
compared AS (
  SELECT
    *,
    DENSE_RANK() OVER (ORDER BY source, instance_id, user_id, day) AS agent,
    COUNT(*) OVER (PARTITION BY source, instance_id, user_id, day) AS configurations
  FROM identified
  WHERE user_id IS NOT NULL
),
told AS (
  SELECT agent, moment.t AS t, ARG_MAX(configuration, moment.id) AS configuration
  FROM (SELECT agent, configuration, UNNEST(seen) AS moment FROM compared WHERE configurations > 1)
  GROUP BY agent, moment.t
),
changed AS (
  SELECT *, configuration IS DISTINCT FROM LAG(configuration) OVER (PARTITION BY agent ORDER BY t) AS begins FROM told
),
stretch AS (
  SELECT *, SUM(CAST(begins AS INTEGER)) OVER (PARTITION BY agent ORDER BY t) AS number FROM changed
),
run AS (
  SELECT configuration, MIN(t) AS first_t, MAX(t) AS last_t FROM stretch GROUP BY agent, number, configuration
  UNION ALL
  SELECT configuration, first_t, last_t FROM compared WHERE configurations = 1
)
SELECT
  c.* EXCLUDE (day, seen, configuration, first_t, last_t, agent, configurations),
  MAKE_TIMESTAMPTZ(r.first_t) AS first_seen,
  MAKE_TIMESTAMPTZ(r.last_t) AS last_seen
FROM run AS r
JOIN compared AS c ON c.configuration = r.configuration
