-- The queues that contacts show, with the id and type behind their ARN (section 1).
SELECT
  queue_arn,
  NULLIF(REGEXP_EXTRACT(queue_arn, '(?:^|/)queue/(?:agent/)?([^/]+)', 1), '') AS queue_id,
  CASE
    WHEN REGEXP_MATCHES(queue_arn, '(?:^|/)queue/agent/[^/]') THEN 'AGENT'
    WHEN REGEXP_MATCHES(queue_arn, '(?:^|/)queue/[^/]') THEN 'STANDARD'
  END AS queue_type
FROM (
  SELECT queue_arn FROM _agent_contact_listed
  UNION
  SELECT queue_arn FROM _agent_contact_previous
) AS queues
