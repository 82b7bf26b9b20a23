-- Finished contacts with what the statistics ask of them: times as whole milliseconds (further digits cut), what holds
-- and what does not (never null), and what is known of the next contact and of the agent's timeline. An empty id or
-- address is none. `next_method` is null while the next contact has not arrived.
SELECT
  c.* REPLACE (NULLIF(c.transferred_endpoint_address, '') AS transferred_endpoint_address),
  COALESCE(c.initiation_method, '') AS method,
  COALESCE(n.initiation_method, '') AS next_method,
  COALESCE(c.next_contact_id, '') <> '' AS continued,
  c.agent_connected_to_agent_timestamp IS NOT NULL AS handled,
  c.queue_enqueue_timestamp IS NOT NULL AS queued,
  COALESCE(h.on_hold, FALSE) AS on_hold,
  CAST(FLOOR(EPOCH_US(c.connected_to_system_timestamp) / 1000) AS BIGINT) AS connected_to_system,
  CAST(FLOOR(EPOCH_US(c.queue_enqueue_timestamp) / 1000) AS BIGINT) AS enqueued,
  CAST(FLOOR(EPOCH_US(c.queue_dequeue_timestamp) / 1000) AS BIGINT) AS dequeued,
  CAST(FLOOR(EPOCH_US(c.agent_connected_to_agent_timestamp) / 1000) AS BIGINT) AS connected_to_agent,
  CAST(FLOOR(EPOCH_US(c.transfer_completed_timestamp) / 1000) AS BIGINT) AS transfer_completed,
  CAST(FLOOR(EPOCH_US(c.disconnect_timestamp) / 1000) AS BIGINT) AS disconnected
FROM _contact AS c
LEFT JOIN _contact_next AS n
  ON n.instance_id = c.instance_id AND n.contact_id = c.next_contact_id AND c.next_contact_id <> ''
LEFT JOIN _contact_left_on_hold AS h
  ON h.instance_id = c.instance_id AND h.user_id = c.agent_id AND h.contact_id = c.contact_id
WHERE c.disconnect_timestamp IS NOT NULL
