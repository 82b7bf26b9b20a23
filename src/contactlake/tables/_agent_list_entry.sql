-- The contacts of every list: without MONITOR, without contacts that have no id; of one ContactId twice in a list the
-- latest start, then the later entry (section 2). Most lists have one contact: they need no choice.
WITH
read AS NOT MATERIALIZED (
  SELECT
    list,
    place,
    size,
    x.contact_id AS contact_id,
    x.state AS state,
    CAST(FLOOR(EPOCH_US(x.state_start_timestamp) / 1000) AS BIGINT) AS state_start,
    x.connected_to_agent_timestamp IS NOT NULL AS reached,
    x.initiation_method AS method,
    CASE x.channel WHEN 'TASKS' THEN 'TASK' ELSE x.channel END AS channel,
    NULLIF(x.queue.arn, '') AS queue_arn
  FROM (
    SELECT
      COALESCE(s.list, l.hashed) AS list,
      LEN(l.contacts) AS size,
      UNNEST(l.contacts) AS x,
      GENERATE_SUBSCRIPTS(l.contacts, 1) AS place
    FROM _agent_list AS l
    LEFT JOIN _agent_list_shared AS s ON s.contacts = l.contacts
  ) AS entries
  WHERE COALESCE(x.contact_id, '') <> '' AND x.initiation_method IS DISTINCT FROM 'MONITOR'
)
SELECT * EXCLUDE (size, place), CAST(0 AS BIGINT) AS part
FROM read
WHERE size = 1
UNION ALL
SELECT * EXCLUDE (size, place, choice), CAST(0 AS BIGINT)
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY list, contact_id ORDER BY state_start DESC NULLS LAST, place DESC) AS choice
  FROM read
  WHERE size > 1
) AS chosen
WHERE choice = 1
