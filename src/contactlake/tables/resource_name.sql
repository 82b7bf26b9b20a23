-- resource_name: stretches of a UTC day in which a routing profile, hierarchy group or queue has the same name. Events
-- tell what was in force at their time; contact records, which are written later, and after them the directory tell only
-- of what no event of the day names. Of several names at one instant the greatest stands. Most things have one name all day: only of the others the single
-- instants are looked at.
WITH
shown AS (
  SELECT source, instance_id, thing.type AS resource_type, thing.arn AS arn, thing.name AS name, t
  FROM (
    SELECT
      source,
      instance_id,
      UNNEST([
        ${names}
      ]) AS thing,
      t
    FROM (SELECT *, UNNEST([EPOCH_US(first_seen), EPOCH_US(last_seen)]) AS t FROM agent_configuration)
  )
  UNION ALL
  SELECT 'agent_event', instance_id, 'QUEUE', contact.queue.arn, contact.queue.name, t
  FROM (
    SELECT instance_id, EPOCH_US(event_timestamp) AS t, UNNEST(current_contacts) AS contact
    FROM _configured_event
  )
  UNION ALL
  SELECT 'contact_record', instance_id, 'QUEUE', queue_arn, queue_name, ${of_the_day}
  FROM (SELECT *, queue_enqueue_timestamp AS told_timestamp FROM _configured_contact)
  UNION ALL
  SELECT
    'directory_resource',
    instance_id,
    CASE resource_type WHEN 'routing-profile' THEN 'ROUTING_PROFILE' ELSE 'HIERARCHY_GROUP' END,
    resource_arn,
    name,
    EPOCH_US(fetched_at)
  FROM _configured_resource
  WHERE resource_type IN ('routing-profile', 'hierarchy-group')
),
named AS (
  SELECT
    source,
    instance_id,
    CASE
      WHEN resource_type = 'QUEUE' AND REGEXP_MATCHES(arn, '${before_queue_id}agent/[^/]') THEN 'AGENT_QUEUE'
      ELSE resource_type
    END AS resource_type,
    REGEXP_EXTRACT(arn, '[^/]*$$') AS resource_id,
    arn,
    name,
    day,
    instants
  FROM (
    SELECT source, instance_id, resource_type, arn, name, $day_of_t AS day, LIST(t) AS instants
    FROM shown
    WHERE arn <> '' AND name <> ''
    GROUP BY ALL
  )
),
compared AS (
  SELECT
    *,
    MIN(source) OVER thing AS best, -- in the order of the alphabet
    COUNT(*) OVER (PARTITION BY instance_id, resource_type, resource_id, day, source) AS names
  FROM named
  WHERE resource_id <> ''
  WINDOW thing AS (PARTITION BY instance_id, resource_type, resource_id, day)
  QUALIFY source = best
),
told AS (
  SELECT instance_id, resource_type, resource_id, day, t, MAX(name) AS name, MAX(arn) AS arn
  FROM (SELECT * EXCLUDE (instants), UNNEST(instants) AS t FROM compared WHERE names > 1)
  GROUP BY instance_id, resource_type, resource_id, day, t
),
changed AS (
  SELECT *, name IS DISTINCT FROM LAG(name) OVER things AS begins
  FROM told
  WINDOW things AS (PARTITION BY instance_id, resource_type, resource_id, day ORDER BY t)
),
stretch AS (
  SELECT *, SUM(CAST(begins AS INTEGER)) OVER things AS number
  FROM changed
  WINDOW things AS (PARTITION BY instance_id, resource_type, resource_id, day ORDER BY t)
)
SELECT
  instance_id,
  resource_type,
  resource_id,
  MAX(arn) AS resource_arn,
  name,
  MAKE_TIMESTAMPTZ(MIN(t)) AS first_seen,
  MAKE_TIMESTAMPTZ(MAX(t)) AS last_seen
FROM stretch
GROUP BY instance_id, resource_type, resource_id, day, number, name
UNION ALL
SELECT
  instance_id,
  resource_type,
  resource_id,
  arn,
  name,
  MAKE_TIMESTAMPTZ(LIST_MIN(instants)),
  MAKE_TIMESTAMPTZ(LIST_MAX(instants))
FROM compared
WHERE names = 1
