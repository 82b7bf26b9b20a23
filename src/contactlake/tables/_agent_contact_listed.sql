-- One row for every contact in the current snapshot of every event of the timeline: without MONITOR, without contacts
-- that have no id; of one ContactId twice in a snapshot the latest start, then the later entry (section 2).
WITH
entries AS (
  SELECT
    agent, i, t, t_before, config, config_before, event_id, t_next, t_before_next, event_next,
    event_before_next,
    LEN(contacts) > 1 AND LEN(LIST_DISTINCT(LIST_TRANSFORM(contacts, LAMBDA x: x.contact_id))) < LEN(contacts) AS doubtful,
    u.place,
    u.x.contact_id AS contact_id,
    u.x.state AS state,
    CAST(FLOOR(EPOCH_US(u.x.state_start_timestamp) / 1000) AS BIGINT) AS state_start,
    u.x.connected_to_agent_timestamp IS NOT NULL AS reached,
    u.x.initiation_method AS method,
    CASE u.x.channel WHEN 'TASKS' THEN 'TASK' ELSE u.x.channel END AS channel,
    NULLIF(u.x.queue.arn, '') AS queue_arn
  FROM _agent_timeline, UNNEST(contacts) WITH ORDINALITY AS u(x, place)
  WHERE COALESCE(u.x.contact_id, '') <> '' AND u.x.initiation_method IS DISTINCT FROM 'MONITOR'
)
SELECT * EXCLUDE (doubtful, place) FROM entries WHERE NOT doubtful
UNION ALL
SELECT * EXCLUDE (doubtful, place, choice)
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY agent, i, contact_id ORDER BY state_start DESC NULLS LAST, place DESC
    ) AS choice
  FROM entries
  WHERE doubtful
) AS repeated
WHERE choice = 1
