-- States of contacts seen only in a previous snapshot: inserted where the contact changed, appeared, is gone, or is in
-- neither of the neighbouring current snapshots (section 3). `point` is where the inserted state ends.
SELECT *
FROM (
  SELECT
    p.*,
    former.contact IS NOT NULL AS in_former,
    latter.contact IS NOT NULL AS in_latter,
    CASE
      WHEN latter.contact IS NULL THEN p.t
      ELSE LEAST(GREATEST(COALESCE(latter.state_start, p.t), p.t_before), p.t)
    END AS point,
    former.contact IS NOT NULL
    AND former.state IS NOT DISTINCT FROM p.state
    AND former.state_start IS NOT DISTINCT FROM p.state_start AS as_former,
    latter.contact IS NOT NULL
    AND latter.state IS NOT DISTINCT FROM p.state
    AND latter.state_start IS NOT DISTINCT FROM p.state_start AS as_latter,
    former.contact IS NOT NULL
    AND latter.contact IS NOT NULL
    AND former.state IS NOT DISTINCT FROM latter.state
    AND former.state_start IS NOT DISTINCT FROM latter.state_start AS still
  FROM _agent_contact_previous AS p
  LEFT JOIN _agent_contact_listed AS former
    ON former.i = p.i - 1 AND former.contact = p.contact
  LEFT JOIN _agent_contact_listed AS latter
    ON latter.i = p.i AND latter.contact = p.contact
) AS compared
WHERE NOT still AND NOT as_former AND NOT as_latter AND state_start > t_before AND state_start < point
