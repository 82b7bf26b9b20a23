-- agent_statistic_record with names as they were known in the interval: the latest at or before its end. The columns
-- custom_state_time_NN become one list: custom_states, of name and time.
WITH
status_name AS (
  SELECT instance_id, status_id, start_time AS t, status_name FROM agent_status_span WHERE status_name IS NOT NULL
),
custom AS (
  SELECT m.asr_statistic_id, m.instance_id, s.status_id, m.interval_end_time, m.time, s.status_name
  FROM (
    UNPIVOT (
      SELECT asr_statistic_id, instance_id, interval_end_time, COLUMNS('^custom_state_time_')
      FROM agent_statistic_record
    ) ON COLUMNS('^custom_state_time_') INTO NAME measure VALUE time
  ) AS m
  JOIN agent_status AS s ON s.instance_id = m.instance_id AND s.number = CAST(RIGHT(m.measure, 2) AS INTEGER)
  WHERE m.time > 0
),
customs AS (
  SELECT
    c.asr_statistic_id,
    c.instance_id,
    LIST({'name': COALESCE(n.status_name, c.status_name, c.status_id), 'time': c.time} ORDER BY c.time DESC) AS custom_states
  FROM custom AS c
  ASOF LEFT JOIN status_name AS n
    ON n.instance_id = c.instance_id AND n.status_id = c.status_id AND c.interval_end_time > n.t
  GROUP BY c.asr_statistic_id, c.instance_id
)
SELECT
  r.instance_id,
  r.user_id,
  a.agent_username,
  a.agent_name,
  r.routing_profile_id,
  p.name AS routing_profile_name,
  r.interval_start_time,
  r.interval_end_time,
  r.online_time,
  r.agent_on_contact_time,
  r.agent_idle_time,
  r.non_productive_time,
  r.error_time,
  COALESCE(c.custom_states, []) AS custom_states,
  r.agent_status_name,
  r.asr_statistic_id
FROM agent_statistic_record AS r
ASOF LEFT JOIN _named_agent AS a
  ON a.instance_id = r.instance_id AND a.user_id = r.user_id AND r.interval_end_time > a.first_seen
ASOF LEFT JOIN (FROM resource_name WHERE resource_type = 'ROUTING_PROFILE') AS p
  ON p.instance_id = r.instance_id AND p.resource_id = r.routing_profile_id AND r.interval_end_time > p.first_seen
LEFT JOIN customs AS c ON c.asr_statistic_id = r.asr_statistic_id AND c.instance_id = r.instance_id
