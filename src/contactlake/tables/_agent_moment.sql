-- What is counted at a moment (section 6), with the configuration of the last event at or before the moment.
-- A contact in `_agent_connected` was connected with the agent before the events given here: it is counted there.
WITH
attempts AS (
  SELECT
    *,
    CASE
      WHEN method IN ('INBOUND', 'TRANSFER', 'QUEUE_TRANSFER') THEN 'incoming'
      WHEN method IN ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY') THEN 'outbound'
      WHEN method = 'CALLBACK' THEN 'callback'
      ELSE 'api'
    END AS kind
  FROM _agent_attempt
),
first_connects AS (
  SELECT *
  FROM (
    SELECT
      s.*,
      ROW_NUMBER() OVER (PARTITION BY s.agent, s.contact_id ORDER BY s.starts, s.state_key) AS nth
    FROM _agent_contact_state AS s
    JOIN _agent AS a ON a.agent = s.agent
    LEFT JOIN _agent_connected AS k
      ON k.instance_id = a.instance_id AND k.user_id = a.user_id AND k.contact_id = s.contact_id
    WHERE s.connected AND k.contact_id IS NULL
  ) AS connects
  WHERE nth = 1
),
counted AS (
  SELECT agent, starts AS t, 'contacts_offered' AS measure, queue_arn, channel FROM attempts WHERE kind <> 'outbound'
  UNION ALL
  SELECT agent, ends, 'agent_non_response', queue_arn, channel
  FROM attempts
  WHERE kind <> 'outbound' AND outcome = 'NON_RESPONSE'
  UNION ALL
  SELECT agent, starts, kind || '_connecting_attempts', queue_arn, channel FROM attempts WHERE kind <> 'callback'
  UNION ALL
  SELECT agent, ends, 'callback_connecting_attempts', queue_arn, channel
  FROM attempts
  WHERE kind = 'callback' AND outcome = 'NOT_PICKED_UP'
  UNION ALL
  SELECT agent, starts, 'contacts_handled', queue_arn, channel
  FROM first_connects
  WHERE (SELECT contacts_handled FROM _agent_rules) = 'all'
    OR COALESCE(method NOT IN ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY'), TRUE)
),
placed AS (
  SELECT *, MAX(i) OVER (PARTITION BY agent ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS at
  FROM (
    SELECT agent, t, measure, queue_arn, channel, NULL AS i FROM counted
    UNION ALL
    SELECT agent, t, NULL, NULL, NULL, i FROM _agent_timeline WHERE config IS DISTINCT FROM config_before
  ) AS both_kinds
)
SELECT p.agent, e.config, p.t, p.measure, p.queue_arn, p.channel
FROM placed AS p
JOIN _agent_timeline AS e ON e.agent = p.agent AND e.i = p.at
WHERE p.measure IS NOT NULL
