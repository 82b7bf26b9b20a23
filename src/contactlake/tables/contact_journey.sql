-- A contact and those it was transferred to, step by step in one order. A chain is what InitialContactId ties together.
-- What happened is told by the contact's record; ringing, holds, pauses and further agents by the agents' events; flows
-- by flow logs; of several analyses the original wins over its redacted twin, a later one over an earlier.
WITH
contact AS (
  SELECT *, COALESCE(initial_contact_id, contact_id) AS chain_id FROM contact_record
),
span AS (
  SELECT
    instance_id,
    contact_id,
    user_id,
    state,
    MIN(start_time) AS start_time,
    MAX(end_time) AS end_time,
    ANY_VALUE(state_class) AS state_class
  FROM agent_contact_span
  WHERE known
  GROUP BY instance_id, contact_id, user_id, appeared_by, state_number, state
),
named_span AS (
  SELECT s.*, COALESCE(a.agent_username, s.user_id) AS who
  FROM span AS s
  ASOF LEFT JOIN _named_agent AS a
    ON a.instance_id = s.instance_id AND a.user_id = s.user_id AND s.end_time >= a.first_seen
),
analysis AS (
  SELECT *
  FROM contact_analysis
  QUALIFY ROW_NUMBER() OVER (PARTITION BY contact_id ORDER BY redacted, analysed_at DESC, analysis_id DESC) = 1
),
step AS (
  SELECT instance_id, contact_id, 1 AS place, 'began' AS what, initiation_timestamp AS start_time,
    NULL::TIMESTAMPTZ AS end_time, customer_endpoint_address AS who,
    CONCAT_WS(' ', channel, initiation_method, 'to ' || system_endpoint_address) AS detail
  FROM contact
  UNION ALL
  SELECT instance_id, contact_id, 2, 'flow', MIN(entry_timestamp), MAX(entry_timestamp), contact_flow_name,
    COUNT(*) || ' blocks'
  FROM contact_flow_log WHERE contact_id IS NOT NULL GROUP BY instance_id, contact_id, contact_flow_name
  UNION ALL
  SELECT instance_id, contact_id, 3, 'queue', queue_enqueue_timestamp, queue_dequeue_timestamp,
    COALESCE(queue_name, queue_id), CASE WHEN agent_connected_to_agent_timestamp IS NULL THEN 'not answered' END
  FROM contact WHERE queue_enqueue_timestamp IS NOT NULL
  UNION ALL
  SELECT instance_id, contact_id, 4,
    CASE state_class WHEN 'RINGING' THEN 'ringing' WHEN 'DIALLING' THEN 'dialling' ELSE LOWER(state) END,
    start_time, end_time, who, NULL
  FROM named_span WHERE state_class IN ('RINGING', 'DIALLING', 'FAILED')
  UNION ALL
  SELECT instance_id, contact_id, 5, 'agent', agent_connected_to_agent_timestamp,
    COALESCE(agent_after_contact_work_start_timestamp, transfer_completed_timestamp, disconnect_timestamp),
    COALESCE(agent_username, agent_id),
    CONCAT_WS(', ', agent_interaction_duration_ms // 1000 || ' s with the customer',
      CASE WHEN agent_number_of_holds > 0
        THEN agent_number_of_holds || ' holds of ' || agent_customer_hold_duration_ms // 1000 || ' s' END)
  FROM contact WHERE agent_connected_to_agent_timestamp IS NOT NULL
  UNION ALL
  SELECT s.instance_id, s.contact_id, 6, 'joined', s.start_time, s.end_time, s.who, 'further agent'
  FROM named_span AS s JOIN contact AS c USING (instance_id, contact_id)
  WHERE s.state_class = 'HANDLING' AND s.state = 'CONNECTED' AND s.user_id IS DISTINCT FROM c.agent_id
  UNION ALL
  SELECT instance_id, contact_id, 7, CASE state WHEN 'PAUSED' THEN 'pause' ELSE 'hold' END, start_time, end_time,
    who, NULL
  FROM named_span WHERE state IN ('CONNECTED_ONHOLD', 'PAUSED')
  UNION ALL
  SELECT c.instance_id, c.contact_id, 8,
    CASE WHEN c.transfer_completed_timestamp IS NOT NULL OR n.initiation_method IN ('TRANSFER', 'QUEUE_TRANSFER')
      THEN 'transfer' ELSE 'continued' END,
    COALESCE(c.transfer_completed_timestamp, c.disconnect_timestamp, c.last_update_timestamp), NULL,
    c.transferred_endpoint_address,
    CASE WHEN c.next_contact_id IS NULL THEN 'to an outside end point' ELSE 'by contact ' || c.next_contact_id END
  FROM contact AS c
  LEFT JOIN contact AS n ON n.instance_id = c.instance_id AND n.contact_id = c.next_contact_id
  WHERE c.transfer_completed_timestamp IS NOT NULL OR c.next_contact_id IS NOT NULL
  UNION ALL
  SELECT instance_id, contact_id, 9, 'ended', disconnect_timestamp, NULL, NULL, disconnect_reason
  FROM contact WHERE disconnect_timestamp IS NOT NULL
  UNION ALL
  SELECT instance_id, contact_id, 10, 'after-contact work', agent_after_contact_work_start_timestamp,
    agent_after_contact_work_end_timestamp, COALESCE(agent_username, agent_id), NULL
  FROM contact WHERE agent_after_contact_work_start_timestamp IS NOT NULL
  UNION ALL
  SELECT c.instance_id, c.contact_id, 11, 'analysis', a.analysed_at, NULL, NULL,
    CONCAT_WS(', ', 'customer ' || PRINTF('%.1f', a.sentiment_overall_score_customer::DOUBLE),
      'agent ' || PRINTF('%.1f', a.sentiment_overall_score_agent::DOUBLE),
      NULLIF(ARRAY_TO_STRING(a.categories, ', '), ''))
  FROM contact AS c JOIN analysis AS a USING (contact_id)
  UNION ALL
  SELECT instance_id, contact_id, 12, 'evaluation', evaluation_submit_timestamp, NULL, evaluator,
    CONCAT_WS(', ', evaluation_definition_title, score_percentage || ' %')
  FROM contact_evaluation
)
SELECT
  c.instance_id,
  c.chain_id,
  ROW_NUMBER() OVER (
    PARTITION BY c.instance_id, c.chain_id
    ORDER BY c.initiation_timestamp, c.contact_id, s.start_time, s.place, s.end_time, s.what, s.who, s.detail
  ) AS position,
  c.contact_id,
  s.what,
  s.start_time,
  s.end_time,
  s.who,
  NULLIF(s.detail, '') AS detail
FROM contact AS c
JOIN step AS s ON s.instance_id = c.instance_id AND s.contact_id = c.contact_id
