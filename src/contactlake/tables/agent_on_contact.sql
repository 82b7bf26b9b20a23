-- Who was on which contact from when to when: a row for every appearance of a contact with an agent in which the agent
-- handled it (connected, on hold, paused, after-contact work), with the agent's name of that time.
WITH
appearance AS (
  SELECT
    instance_id,
    contact_id,
    user_id,
    appeared_by,
    MIN(start_time) AS start_time,
    MAX(end_time) AS end_time,
    ARG_MAX(channel, (start_time, state_number, end_time)) AS channel,
    ARG_MAX(initiation_method, (start_time, state_number, end_time)) AS initiation_method,
    ARG_MAX(queue_id, (start_time, state_number, end_time)) AS queue_id,
    ARG_MAX(queue_type, (start_time, state_number, end_time)) AS queue_type,
    COALESCE(SUM(EPOCH_MS(end_time) - EPOCH_MS(start_time)) FILTER (state = 'CONNECTED'), 0)::BIGINT AS connected_ms,
    COALESCE(SUM(EPOCH_MS(end_time) - EPOCH_MS(start_time)) FILTER (state = 'CONNECTED_ONHOLD'), 0)::BIGINT AS hold_ms,
    COALESCE(SUM(EPOCH_MS(end_time) - EPOCH_MS(start_time)) FILTER (state = 'PAUSED'), 0)::BIGINT AS pause_ms,
    COALESCE(SUM(EPOCH_MS(end_time) - EPOCH_MS(start_time)) FILTER (state = 'ENDED'), 0)::BIGINT
      AS after_contact_work_ms
  FROM agent_contact_span
  WHERE state_class = 'HANDLING' AND known
  GROUP BY instance_id, contact_id, user_id, appeared_by
)
SELECT
  s.instance_id,
  s.contact_id,
  s.user_id,
  a.agent_username,
  a.agent_name,
  s.start_time,
  s.end_time,
  s.connected_ms,
  s.hold_ms,
  s.pause_ms,
  s.after_contact_work_ms,
  s.channel,
  s.initiation_method,
  s.queue_id,
  s.queue_type,
  s.appeared_by
FROM appearance AS s
ASOF LEFT JOIN _named_agent AS a
  ON a.instance_id = s.instance_id AND a.user_id = s.user_id AND s.end_time >= a.first_seen
