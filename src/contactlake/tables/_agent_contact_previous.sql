-- Contacts in previous snapshots that can matter: their state began after the event before, or the silence before the
-- event is long enough to need confirmation. The first event of an agent has no previous snapshot worth reading.
SELECT * EXCLUDE (choice, place)
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY agent, i, contact_id ORDER BY state_start DESC NULLS LAST, place DESC
    ) AS choice
  FROM (
    SELECT
      agent, i, t, t_before, config_before AS config, event_id,
      u.place,
      u.x.contact_id AS contact_id,
      u.x.state AS state,
      CAST(FLOOR(EPOCH_US(u.x.state_start_timestamp) / 1000) AS BIGINT) AS state_start,
      u.x.connected_to_agent_timestamp IS NOT NULL AS reached,
      u.x.initiation_method AS method,
      CASE u.x.channel WHEN 'TASKS' THEN 'TASK' ELSE u.x.channel END AS channel,
      NULLIF(u.x.queue.arn, '') AS queue_arn
    FROM _agent_timeline, UNNEST(previous_contacts) WITH ORDINALITY AS u(x, place)
    WHERE i > 1
      AND previous_face IS NOT NULL
      AND COALESCE(u.x.contact_id, '') <> ''
      AND u.x.initiation_method IS DISTINCT FROM 'MONITOR'
      AND (
        CAST(FLOOR(EPOCH_US(u.x.state_start_timestamp) / 1000) AS BIGINT) > t_before
        OR t - t_before > (SELECT max_silence_ms FROM _agent_rules)
      )
  ) AS entries
) AS chosen
WHERE choice = 1
