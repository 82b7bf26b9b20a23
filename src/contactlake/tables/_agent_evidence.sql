-- Agent events that are evidence (statistics rules, section 2), times as whole milliseconds (further digits cut).
-- Empty text counts as absent; whether the ARN has a user id is judged later. Texts and contacts stand as they are
-- stored: lists are dear to copy, and `_agent_list` numbers none that is empty.
SELECT
  *,
  CASE event_type WHEN 'LOGIN' THEN 1 WHEN 'LOGOUT' THEN 2 ELSE 0 END AS kind,
  CAST(FLOOR(EPOCH_US(current_agent_status_start_timestamp) / 1000) AS BIGINT) AS status_start,
  CAST(FLOOR(EPOCH_US(previous_agent_status_start_timestamp) / 1000) AS BIGINT) AS previous_start,
  current_contacts AS contacts
FROM (SELECT *, CAST(FLOOR(EPOCH_US(event_timestamp) / 1000) AS BIGINT) AS t FROM _agent_event) AS timed
WHERE agent_arn IS NOT NULL
  AND t IS NOT NULL
  AND (current_agent_status_arn <> '' OR current_agent_status_name <> '')
