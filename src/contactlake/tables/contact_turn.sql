-- The turns of every contact's transcript, of the analysis that counts: a call's with offsets and sentiment, a chat's
-- with times. A turn that does not say who speaks has its participant's role and name.
SELECT
  instance_id,
  contact_id,
  turn,
  said.id AS turn_id,
  said.participant_id,
  UPPER(
    COALESCE(
      said.participant_role,
      LIST_FILTER(participants, lambda w: w.participant_id = said.participant_id)[1].participant_role
    )
  ) AS participant_role,
  COALESCE(
    said.display_name, LIST_FILTER(participants, lambda w: w.participant_id = said.participant_id)[1].display_name
  ) AS display_name,
  said.type,
  said.content_type,
  said.content,
  said.absolute_time,
  said.begin_offset_millis AS begin_offset_ms,
  said.end_offset_millis AS end_offset_ms,
  said.sentiment,
  said.loudness_score,
  redacted,
  analysed_at
FROM (
  SELECT
    k.instance_id,
    k.contact_id,
    a.redacted,
    a.analysed_at,
    a.participants,
    UNNEST(RANGE(1, LEN(a.transcript) + 1)) AS turn,
    UNNEST(a.transcript) AS said
  FROM contact_analysis_chosen AS k
  JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id)
)
