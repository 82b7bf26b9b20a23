-- Contacts and agents: whether the contact left the agent while on hold. What counts is the contact's last appearance
-- with the agent, and there the last state but after-contact work, provided that something followed it: ENDED, or the
-- contact was gone. Silence does not matter here: a state is what it is, known to have lasted or not.
SELECT instance_id, user_id, contact_id, on_hold
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY instance_id, user_id, contact_id ORDER BY starts DESC, ends DESC, place DESC
    ) AS nth
  FROM (
    SELECT
      instance_id,
      user_id,
      contact_id,
      appeared_by,
      MIN(start_time) AS starts,
      MAX(end_time) AS ends,
      MAX(appeared_place) AS place,
      -- All spans of a state agree in what is asked here, so any of them answers for it.
      COALESCE(
        ARG_MAX(
          COALESCE(state = 'CONNECTED_ONHOLD' AND NOT still_open, FALSE),
          CASE WHEN state IS DISTINCT FROM 'ENDED' THEN state_number END
        ),
        FALSE
      ) AS on_hold
    FROM _contact_agent_span
    GROUP BY instance_id, user_id, contact_id, appeared_by
  ) AS appearances
) AS ordered
WHERE nth = 1
