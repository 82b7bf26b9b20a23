-- A number for every face of a contact: method, channel and queue as one snapshot shows them, with the id and type
-- behind the queue's ARN (section 1) and the kind of attempt behind the method (section 6). `queue` numbers queue and
-- channel.
SELECT
  *,
  ${queue_text} AS queue_text,
  CAST(DENSE_RANK() OVER (ORDER BY queue_id, queue_type, channel) AS INTEGER) AS queue
FROM (
  SELECT
    CAST(ROW_NUMBER() OVER (
      ORDER BY queue_arn NULLS FIRST, channel NULLS FIRST, method NULLS FIRST
    ) AS INTEGER) AS face,
    method,
    channel,
    queue_arn,
    NULLIF(REGEXP_EXTRACT(queue_arn, '${before_queue_id}(?:agent/)?([^/]+)', 1), '') AS queue_id,
    CASE
      WHEN REGEXP_MATCHES(queue_arn, '${before_queue_id}agent/[^/]') THEN 'AGENT'
      WHEN REGEXP_MATCHES(queue_arn, '${before_queue_id}[^/]') THEN 'STANDARD'
    END AS queue_type,
    CASE
      WHEN method IN ('INBOUND', 'TRANSFER', 'QUEUE_TRANSFER') THEN 'incoming'
      WHEN method IN ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY') THEN 'outbound'
      WHEN method = 'CALLBACK' THEN 'callback'
      ELSE 'api'
    END AS kind
  FROM (SELECT DISTINCT method, channel, queue_arn FROM _agent_list_entry) AS shown
) AS faces
