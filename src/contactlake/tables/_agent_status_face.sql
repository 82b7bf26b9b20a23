-- A number for every face of a status: its ARN, name and type as one snapshot shows them. Identity is the ARN, without
-- ARN the name (section 3); `status` numbers the identities.
WITH
seen AS MATERIALIZED (
  SELECT DISTINCT status_arn, status_name, status_type, previous_arn, previous_name, previous_type FROM _agent_shown
)
SELECT
  CAST(ROW_NUMBER() OVER () AS INTEGER) AS face,
  CAST(DENSE_RANK() OVER (ORDER BY COALESCE(status_arn, status_name)) AS INTEGER) AS status,
  COALESCE(status_arn, status_name) AS status_id,
  status_arn,
  status_name,
  status_type
FROM (
  SELECT status_arn, status_name, status_type FROM seen
  UNION
  SELECT previous_arn, previous_name, previous_type FROM seen WHERE previous_type IS NOT NULL
) AS faces
