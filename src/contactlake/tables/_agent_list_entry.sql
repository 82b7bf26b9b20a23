-- The contacts of every list: without MONITOR, without contacts that have no id; of one ContactId twice in a list the
-- latest start, then the later entry (section 2). A list of one contact has no `place`: it needs no choice.
WITH
alone AS (
  SELECT * FROM _agent_list WHERE hashed NOT IN (SELECT hashed FROM _agent_list_shared)
),
longer AS (
  SELECT hashed AS list, several AS contacts FROM alone WHERE several IS NOT NULL
  UNION ALL
  SELECT list, contacts FROM _agent_list_shared
),
read AS NOT MATERIALIZED (
  SELECT
    * REPLACE (
      CAST(FLOOR(EPOCH_US(state_start) / 1000) AS BIGINT) AS state_start,
      CASE channel WHEN 'TASKS' THEN 'TASK' ELSE channel END AS channel,
      NULLIF(queue_arn, '') AS queue_arn
    )
  FROM (
    SELECT hashed AS list, NULL AS place, * EXCLUDE (hashed, several) FROM alone WHERE several IS NULL
    UNION ALL
    SELECT list, place, ${contact_columns}
    FROM (SELECT list, GENERATE_SUBSCRIPTS(contacts, 1) AS place, UNNEST(contacts) AS x FROM longer) AS places
  ) AS entries
  WHERE COALESCE(contact_id, '') <> '' AND method IS DISTINCT FROM 'MONITOR'
)
SELECT * EXCLUDE (place), CAST(0 AS BIGINT) AS part
FROM read
WHERE place IS NULL
UNION ALL
SELECT * EXCLUDE (place, choice), CAST(0 AS BIGINT)
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY list, contact_id ORDER BY state_start DESC NULLS LAST, place DESC) AS choice
  FROM read
  WHERE place IS NOT NULL
) AS chosen
WHERE choice = 1
