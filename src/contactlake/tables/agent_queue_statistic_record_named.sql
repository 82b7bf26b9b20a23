-- agent_queue_statistic_record with names as they were known in the interval: the latest at or before its end.
SELECT
  r.instance_id,
  r.user_id,
  a.agent_username,
  a.agent_name,
  r.routing_profile_id,
  p.name AS routing_profile_name,
  r.queue_id,
  q.name AS queue_name,
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
ASOF LEFT JOIN _named_agent AS a
  ON a.instance_id = r.instance_id AND a.user_id = r.user_id AND r.interval_end_time > a.first_seen
ASOF LEFT JOIN (FROM resource_name WHERE resource_type = 'ROUTING_PROFILE') AS p
  ON p.instance_id = r.instance_id AND p.resource_id = r.routing_profile_id AND r.interval_end_time > p.first_seen
ASOF LEFT JOIN resource_name AS q
  ON q.instance_id = r.instance_id AND q.resource_id = r.queue_id
  AND q.resource_type = CASE r.queue_type WHEN 'AGENT' THEN 'AGENT_QUEUE' ELSE 'QUEUE' END
  AND r.interval_end_time > q.first_seen
