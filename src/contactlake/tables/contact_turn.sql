-- The turns of every contact's transcript, of the analysis that counts: a call's with offsets and sentiment, a chat's
-- with times. A turn that does not say who speaks has its participant's role and name.
SELECT
  k.instance_id,
  k.contact_id,
  t.position AS turn,
  t.turn.id AS turn_id,
  t.turn.participant_id,
  UPPER(
    COALESCE(
      t.turn.participant_role,
      LIST_FILTER(a.participants, lambda w: w.participant_id = t.turn.participant_id)[1].participant_role
    )
  ) AS participant_role,
  COALESCE(
    t.turn.display_name,
    LIST_FILTER(a.participants, lambda w: w.participant_id = t.turn.participant_id)[1].display_name
  ) AS display_name,
  t.turn.type,
  t.turn.content_type,
  t.turn.content,
  t.turn.absolute_time,
  t.turn.begin_offset_millis AS begin_offset_ms,
  t.turn.end_offset_millis AS end_offset_ms,
  t.turn.sentiment,
  t.turn.loudness_score,
  a.redacted,
  a.analysed_at
FROM contact_analysis_chosen AS k
JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id),
  UNNEST(a.transcript) WITH ORDINALITY AS t (turn, position)
