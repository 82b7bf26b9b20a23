-- contact_record with names beside ids: those that the record itself carries, and where it carries none, those known
-- when the contact ended (a running one: began), from agent events.
WITH
agent_name AS (
  SELECT
    instance_id,
    NULLIF(REGEXP_EXTRACT(agent_arn, '(?:^|/)agent/([^/]+)', 1), '') AS user_id,
    event_timestamp AS t,
    current_configuration_username AS agent_username,
    NULLIF(TRIM(CONCAT_WS(' ', current_configuration_first_name, current_configuration_last_name)), '') AS agent_name
  FROM agent_event
  WHERE current_configuration_username IS NOT NULL
),
profile_name AS (
  SELECT
    instance_id,
    REGEXP_EXTRACT(current_routing_profile_arn, '[^/]*$') AS routing_profile_id,
    event_timestamp AS t,
    ANY_VALUE(current_routing_profile_name) AS routing_profile_name
  FROM agent_event
  WHERE current_routing_profile_name IS NOT NULL
  GROUP BY ALL
),
shown AS (
  SELECT instance_id, event_timestamp AS t, UNNEST(current_contacts).queue AS queue FROM agent_event
),
queue_name AS (
  SELECT
    instance_id,
    REGEXP_EXTRACT(queue.arn, '(?:^|/)queue/(?:agent/)?([^/]+)', 1) AS queue_id,
    t,
    ANY_VALUE(queue.name) AS queue_name
  FROM shown
  WHERE queue.name IS NOT NULL
  GROUP BY ALL
)
SELECT
  r.* REPLACE (
    COALESCE(r.agent_username, a.agent_username) AS agent_username,
    COALESCE(r.agent_routing_profile_name, p.routing_profile_name) AS agent_routing_profile_name,
    COALESCE(r.queue_name, q.queue_name) AS queue_name
  ),
  a.agent_name
FROM contact_record AS r
ASOF LEFT JOIN agent_name AS a
  ON a.instance_id = r.instance_id AND a.user_id = r.agent_id
  AND COALESCE(r.disconnect_timestamp, r.initiation_timestamp) >= a.t
ASOF LEFT JOIN profile_name AS p
  ON p.instance_id = r.instance_id AND p.routing_profile_id = r.agent_routing_profile_id
  AND COALESCE(r.disconnect_timestamp, r.initiation_timestamp) >= p.t
ASOF LEFT JOIN queue_name AS q
  ON q.instance_id = r.instance_id AND q.queue_id = r.queue_id
  AND COALESCE(r.disconnect_timestamp, r.initiation_timestamp) >= q.t
