-- One row per analysed contact: the analysis that counts, else what the contact's record tells; what a file leaves out
-- is taken from the record. A contact without a record (yet) has the day of its analysis. Of a record of
-- another instance with the same contact only the time is taken: exports may abbreviate the instance.
WITH analysis AS (
  SELECT
    k.contact_id,
    k.instance_id AS named,
    r.instance_id AS recorded,
    CASE WHEN k.instance_id IS NULL OR k.instance_id = r.instance_id THEN r.instance_id END AS own,
    a.* EXCLUDE (contact_id, instance_id)
  FROM _contact_analysis_chosen AS k
  JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id)
  LEFT JOIN contact_record AS r ON r.contact_id = k.contact_id
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY k.contact_id, k.instance_id
    ORDER BY r.instance_id IS NOT DISTINCT FROM k.instance_id DESC, r.instance_id
  ) = 1
),
found AS (
  SELECT
    COALESCE(a.named, a.recorded, w.instance_id) AS instance_id,
    COALESCE(a.contact_id, w.contact_id) AS contact_id,
    COALESCE(a.recorded, w.instance_id) AS recorded,
    COALESCE(a.own, w.instance_id) AS own,
    a.analysed_at,
    ${measures}
  FROM analysis AS a
  FULL JOIN _contact_record_result AS w ON w.contact_id = a.contact_id AND w.instance_id = a.own
)
SELECT
  f.instance_id,
  f.contact_id,
  ${measure_names},
  o.instance_arn,
  COALESCE(f.aws_account_id_told, o.aws_account_id) AS aws_account_id,
  COALESCE(f.channel_told, o.channel) AS channel,
  COALESCE(r.disconnect_timestamp, f.analysed_at, r.last_update_timestamp, r.initiation_timestamp)
    AS disconnect_timestamp,
  ${no_source}
FROM found AS f
LEFT JOIN contact_record AS r ON r.contact_id = f.contact_id AND r.instance_id = f.recorded
LEFT JOIN contact_record AS o ON o.contact_id = f.contact_id AND o.instance_id = f.own
