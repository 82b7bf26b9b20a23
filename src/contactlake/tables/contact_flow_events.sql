-- One row per run of a flow or module by a contact. Where the contact went is told by the run's last block, else by the
-- run after it. A contact that ended in its flow, neither queued nor taken nor passed on, was dropped.
WITH run AS (
  SELECT
    f.*,
    r.channel,
    r.initiation_method,
    r.segment_attributes['connect:Subtype'] AS sub_type,
    CASE
      WHEN f.outcome IS NOT NULL THEN f.outcome
      WHEN f.resource_type = 'MODULE' AND f.flow_next = f.flow THEN 'RETURNED_TO_FLOW'
      WHEN f.resource_type = 'FLOW'
        AND f.run_next IS NULL
        AND r.disconnect_timestamp IS NOT NULL
        AND r.queue_enqueue_timestamp IS NULL
        AND r.agent_connected_to_agent_timestamp IS NULL
        AND r.transfer_completed_timestamp IS NULL
        THEN 'DROPPED'
    END AS flow_outcome,
    CASE
      WHEN f.outcome = 'TRANSFERRED_TO_FLOW' THEN COALESCE(f.target, f.run_next)
      WHEN f.resource_type = 'FLOW' THEN f.run_next
    END AS next_flow_resource_id,
    CASE WHEN f.outcome = 'TRANSFERRED_TO_QUEUE' THEN f.queue END AS next_queue_resource_id
  FROM _flow_run AS f
  LEFT JOIN contact_record AS r ON r.contact_id = f.contact_id AND r.instance_id = f.instance_id
)
SELECT
  instance_id,
  MD5(
    CONCAT_WS(
      '|', instance_id, LENGTH(contact_id), contact_id, resource_type, LENGTH(arn), arn, EPOCH_US(started), same
    )
  ) AS event_id,
  aws_account_id,
  instance_arn,
  contact_id,
  flow AS flow_resource_id,
  module AS module_resource_id,
  resource_version,
  resource_type,
  channel,
  started AS start_timestamp,
  ended AS end_timestamp,
  next_flow_resource_id,
  next_queue_resource_id,
  CASE
    WHEN flow_outcome = 'TRANSFERRED_TO_QUEUE' THEN 'QUEUE'
    WHEN flow_outcome = 'TRANSFERRED_TO_PHONE_NUMBER' THEN 'PHONE_NUMBER'
    WHEN flow_outcome = 'TRANSFERRED_TO_AGENT' THEN 'AGENT'
    WHEN next_flow_resource_id IS NOT NULL OR flow_outcome = 'RETURNED_TO_FLOW' THEN 'FLOW'
  END AS next_resource_type,
  flow_outcome,
  sub_type,
  initiation_method,
  ${no_source}
FROM run
