-- agent_queue_statistic_record with names as they were known in the interval: the latest at or before its end.
WITH
agent_name AS (
  SELECT
    instance_id,
    user_id,
    first_seen AS t,
    agent_username,
    NULLIF(TRIM(CONCAT_WS(' ', first_name, last_name)), '') AS agent_name
  FROM agent_configuration
  WHERE source = 'agent_event' AND agent_username IS NOT NULL
),
profile_name AS (
  SELECT instance_id, resource_id AS routing_profile_id, first_seen AS t, name AS routing_profile_name
  FROM resource_name
  WHERE resource_type = 'ROUTING_PROFILE'
),
queue_name AS (
  SELECT
    instance_id,
    resource_id AS queue_id,
    CASE resource_type WHEN 'AGENT_QUEUE' THEN 'AGENT' ELSE 'STANDARD' END AS queue_type,
    first_seen AS t,
    name AS queue_name
  FROM resource_name
  WHERE resource_type IN ('QUEUE', 'AGENT_QUEUE')
)
SELECT
  r.instance_id,
  r.user_id,
  a.agent_username,
  a.agent_name,
  r.routing_profile_id,
  p.routing_profile_name,
  r.queue_id,
  q.queue_name,
  r.queue_type,
  r.channel,
  r.interval_start_time,
  r.interval_end_time,
  r.contacts_offered,
  r.contacts_handled,
  r.agent_non_response,
  r.handle_time,
  r.contact_time_ms,
  r.agent_incoming_connecting_time,
  r.agent_outbound_connecting_time,
  r.agent_callback_connecting_time,
  r.agent_api_connecting_time,
  r.incoming_connecting_attempts,
  r.outbound_connecting_attempts,
  r.callback_connecting_attempts,
  r.api_connecting_attempts,
  r.aqsr_statistic_id
FROM agent_queue_statistic_record AS r
ASOF LEFT JOIN agent_name AS a
  ON a.instance_id = r.instance_id AND a.user_id = r.user_id AND r.interval_end_time > a.t
ASOF LEFT JOIN profile_name AS p
  ON p.instance_id = r.instance_id AND p.routing_profile_id = r.routing_profile_id AND r.interval_end_time > p.t
ASOF LEFT JOIN queue_name AS q
  ON q.instance_id = r.instance_id AND q.queue_id = r.queue_id AND q.queue_type = r.queue_type
  AND r.interval_end_time > q.t
