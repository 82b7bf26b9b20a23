-- Of every contact the analysis that counts: an original before its redacted twin, then the latest. One that does not
-- name its instance is of the instance that another analysis of the contact names.
SELECT contact_id, redacted, analysis_id, instance_id
FROM (
  SELECT
    contact_id,
    redacted,
    analysis_id,
    analysed_at,
    COALESCE(instance_id, MAX(instance_id) OVER (PARTITION BY contact_id)) AS instance_id
  FROM contact_analysis
)
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY contact_id, instance_id ORDER BY redacted, analysed_at DESC, analysis_id DESC
) = 1
