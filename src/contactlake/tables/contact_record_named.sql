-- contact_record with names beside ids: those that the record itself carries, and where it carries none, those known
-- when the contact ended (a running one: began).
SELECT
  r.* REPLACE (
    COALESCE(r.agent_username, a.agent_username) AS agent_username,
    COALESCE(r.agent_routing_profile_name, p.name) AS agent_routing_profile_name,
    COALESCE(r.queue_name, q.name) AS queue_name
  ),
  a.agent_name
FROM contact_record AS r
ASOF LEFT JOIN _named_agent AS a
  ON a.instance_id = r.instance_id AND a.user_id = r.agent_id
  AND COALESCE(r.disconnect_timestamp, r.initiation_timestamp) >= a.first_seen
ASOF LEFT JOIN (FROM resource_name WHERE resource_type = 'ROUTING_PROFILE') AS p
  ON p.instance_id = r.instance_id AND p.resource_id = r.agent_routing_profile_id
  AND COALESCE(r.disconnect_timestamp, r.initiation_timestamp) >= p.first_seen
ASOF LEFT JOIN (FROM resource_name WHERE resource_type IN ('QUEUE', 'AGENT_QUEUE')) AS q
  ON q.instance_id = r.instance_id AND q.resource_id = r.queue_id
  AND COALESCE(r.disconnect_timestamp, r.initiation_timestamp) >= q.first_seen
