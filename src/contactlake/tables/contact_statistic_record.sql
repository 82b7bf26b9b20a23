-- contact_statistic_record: the times and flags of every finished contact (the contact rules, section 2).
WITH
counted AS (
  SELECT
    *,
    -- What no bigint holds is null: such numbers are no times, and must not stop all others.
    TRY_CAST(
      COALESCE(CAST(agent_interaction_duration_ms AS HUGEINT), 0) + COALESCE(agent_customer_hold_duration_ms, 0)
      AS BIGINT
    ) AS interaction_and_hold,
    TRY_CAST(
      COALESCE(CAST(agent_interaction_duration_ms AS HUGEINT), 0) + COALESCE(agent_customer_hold_duration_ms, 0)
      + COALESCE(agent_after_contact_work_duration_ms, 0) + COALESCE(agent_pause_duration_ms, 0)
      AS BIGINT
    ) AS handle_time,
    CASE
      WHEN queued AND COALESCE(queue_duration_ms, dequeued) IS NOT NULL
      THEN GREATEST(COALESCE(queue_duration_ms, dequeued - enqueued), 0)
    END AS queue_time,
    COALESCE(enqueued, connected_to_agent, transfer_completed, disconnected) AS flow_left,
    queued AND NOT handled AND (NOT continued OR next_method = 'DISCONNECT') AND transfer_completed IS NULL
      AS abandoned,
    method IN ('INBOUND', 'TRANSFER', 'QUEUE_TRANSFER') AS incoming,
    transfer_completed IS NOT NULL OR next_method IN ('TRANSFER', 'QUEUE_TRANSFER') AS transferred,
    transferred_endpoint_address IS NOT NULL AS outside
  FROM _contact_facts
)
SELECT
  instance_id,
  aws_account_id,
  contact_id,
  CASE channel WHEN 'TASKS' THEN 'TASK' ELSE channel END AS channel,
  queue_id,
  agent_id,
  initiation_method,
  initiation_timestamp,
  disconnect_timestamp,
  queue_enqueue_timestamp AS enqueue_timestamp,
  CASE
    WHEN NOT incoming AND method <> 'API' THEN NULL
    WHEN connected_to_system IS NULL THEN 0
    ELSE GREATEST(flow_left - connected_to_system, 0)
  END AS contact_flow_time_ms,
  CASE WHEN abandoned THEN queue_time END AS abandon_time_ms,
  queue_time AS queue_time_ms,
  CASE WHEN handled THEN queue_time END AS queue_answer_time_ms,
  CASE
    WHEN COALESCE(
      agent_interaction_duration_ms, agent_customer_hold_duration_ms, agent_after_contact_work_duration_ms,
      agent_pause_duration_ms
    ) IS NOT NULL
    THEN handle_time
  END AS handle_time_ms,
  CASE WHEN handled THEN agent_customer_hold_duration_ms END AS customer_hold_time_ms,
  CASE WHEN handled THEN agent_interaction_duration_ms END AS agent_interaction_time_ms,
  CASE WHEN handled AND method = 'OUTBOUND' THEN agent_interaction_duration_ms END
    AS agent_interaction_outbound_time_ms,
  CASE
    WHEN COALESCE(agent_interaction_duration_ms, agent_customer_hold_duration_ms) IS NOT NULL THEN interaction_and_hold
  END AS agent_interaction_and_hold_time_ms,
  CASE WHEN handled THEN COALESCE(agent_after_contact_work_duration_ms, 0) END AS after_contact_work_time_ms,
  CASE WHEN handled AND method = 'OUTBOUND' THEN COALESCE(agent_after_contact_work_duration_ms, 0) END
    AS after_contact_work_outbound_time_ms,
  CAST(connected_to_system IS NOT NULL AS BIGINT) AS is_connected,
  CAST(abandoned AS BIGINT) AS is_abandoned,
  CAST(handled AND COALESCE(disconnect_reason = 'AGENT_DISCONNECT', FALSE) AS BIGINT) AS is_agent_hung_up_first,
  CAST(handled AS BIGINT) AS is_handled,
  CAST(incoming AND handled AS BIGINT) AS is_handled_incoming,
  CAST(method = 'OUTBOUND' AND handled AS BIGINT) AS is_handled_outbound,
  CAST(method = 'CALLBACK' AND handled AS BIGINT) AS is_callback_handled,
  CAST(method = 'API' AND handled AS BIGINT) AS is_api_handled,
  CAST(COALESCE(agent_number_of_holds > 0, FALSE) AS BIGINT) AS is_put_on_hold,
  CAST(on_hold AS BIGINT) AS is_hold_disconnect,
  CAST(on_hold AND COALESCE(disconnect_reason = 'AGENT_DISCONNECT', FALSE) AS BIGINT) AS is_hold_agent_disconnect,
  CAST(on_hold AND COALESCE(disconnect_reason = 'CUSTOMER_DISCONNECT', FALSE) AS BIGINT)
    AS is_hold_customer_disconnect,
  CAST(incoming AS BIGINT) AS is_incoming,
  CAST(method = 'CALLBACK' AS BIGINT) AS is_callback_contact,
  CAST(method = 'API' AS BIGINT) AS is_api_contact,
  CAST(queued AS BIGINT) AS is_queued,
  CAST(queued AND handled AS BIGINT) AS is_queued_and_handled,
  CAST(method IN ('TRANSFER', 'QUEUE_TRANSFER') AS BIGINT) AS is_transferred_in,
  CAST(method = 'TRANSFER' AS BIGINT) AS is_transferred_in_from_handled,
  CAST(method = 'QUEUE_TRANSFER' AS BIGINT) AS is_transferred_in_from_queued,
  CAST(transferred AS BIGINT) AS is_transferred_out,
  CAST(transferred AND handled AS BIGINT) AS is_transferred_out_from_handled,
  CAST(next_method = 'QUEUE_TRANSFER' AND NOT handled AS BIGINT) AS is_transferred_out_from_queued,
  CAST(transferred AND NOT outside AS BIGINT) AS is_transferred_out_internal,
  CAST(transferred AND outside AS BIGINT) AS is_transferred_out_external,
  CAST(transferred AND outside AND NOT handled AS BIGINT) AS is_transferred_out_external_from_contact_flow
FROM counted
