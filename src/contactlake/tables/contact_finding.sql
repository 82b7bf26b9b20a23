-- Issues, outcomes and action items of every contact, of the analysis that counts: those marked in a turn, and those in
-- a summary, which names turns. A contact without an analysis file: what its record tells.
WITH turn AS (
  SELECT
    k.instance_id,
    k.contact_id,
    UNNEST(RANGE(1, LEN(a.transcript) + 1)) AS turn,
    UNNEST(a.transcript) AS said
  FROM contact_analysis_chosen AS k
  JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id)
),
marked AS (
  SELECT instance_id, contact_id, 'ISSUE' AS kind, turn, said, UNNEST(said.issues_detected) AS found FROM turn
  UNION ALL BY NAME
  SELECT instance_id, contact_id, 'OUTCOME' AS kind, turn, said, UNNEST(said.outcomes_detected) AS found FROM turn
  UNION ALL BY NAME
  SELECT instance_id, contact_id, 'ACTION_ITEM' AS kind, turn, said, UNNEST(said.action_items_detected) AS found
  FROM turn
),
detected AS (
  SELECT
    k.instance_id,
    k.contact_id,
    UNNEST(JSON_EXTRACT(CAST(a.conversation_characteristics AS JSON), '$.ContactSummary.SummaryItemsDetected[*]'))
      AS found
  FROM contact_analysis_chosen AS k
  JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id)
),
summarised AS (
  SELECT
    instance_id,
    contact_id,
    'ISSUE' AS kind,
    UNNEST(JSON_EXTRACT(found, '$.IssuesDetected[*].TranscriptItems[*]')) AS item
  FROM detected
  UNION ALL BY NAME
  SELECT
    instance_id,
    contact_id,
    'OUTCOME' AS kind,
    UNNEST(JSON_EXTRACT(found, '$.OutcomesDetected[*].TranscriptItems[*]')) AS item
  FROM detected
  UNION ALL BY NAME
  SELECT
    instance_id,
    contact_id,
    'ACTION_ITEM' AS kind,
    UNNEST(JSON_EXTRACT(found, '$.ActionItemsDetected[*].TranscriptItems[*]')) AS item
  FROM detected
),
told AS (
  SELECT
    r.instance_id,
    r.contact_id,
    UNNEST(
      [
        {'kind': 'ISSUE', 'found': ${issues}},
        {'kind': 'OUTCOME', 'found': ${outcome_codes}},
        {'kind': 'ACTION_ITEM', 'found': ${action_items}}
      ]
    ) AS told
  FROM contact_record_analysis AS r
  ANTI JOIN contact_analysis AS a USING (contact_id)
),
recorded AS (
  SELECT
    instance_id,
    contact_id,
    told.kind AS kind,
    UNNEST(CASE WHEN JSON_TYPE(told.found) = 'ARRAY' THEN JSON_EXTRACT(told.found, '$[*]') ELSE [told.found] END)
      AS item
  FROM told
  WHERE told.found IS NOT NULL
)
SELECT
  instance_id,
  contact_id,
  kind,
  COALESCE(
    found.text,
    said.content[
      found.character_offsets.begin_offset_char + 1:found.character_offsets.end_offset_char
    ]
  ) AS text,
  turn,
  said.id AS turn_id,
  found.character_offsets.begin_offset_char AS begin_offset_char,
  found.character_offsets.end_offset_char AS end_offset_char,
  'file' AS told_by
FROM marked
UNION ALL BY NAME
SELECT
  s.instance_id,
  s.contact_id,
  s.kind,
  t.said.content[
    TRY_CAST(s.item ->> '$.CharacterOffsets.BeginOffsetChar' AS BIGINT) + 1
    :TRY_CAST(s.item ->> '$.CharacterOffsets.EndOffsetChar' AS BIGINT)
  ] AS text,
  t.turn,
  s.item ->> '$.Id' AS turn_id,
  TRY_CAST(s.item ->> '$.CharacterOffsets.BeginOffsetChar' AS BIGINT) AS begin_offset_char,
  TRY_CAST(s.item ->> '$.CharacterOffsets.EndOffsetChar' AS BIGINT) AS end_offset_char,
  'file' AS told_by
FROM summarised AS s
LEFT JOIN turn AS t ON t.contact_id = s.contact_id AND t.said.id = s.item ->> '$.Id'
UNION ALL BY NAME
SELECT
  instance_id,
  contact_id,
  kind,
  CASE WHEN JSON_TYPE(item) = 'OBJECT' THEN COALESCE(item ->> '$.Text', CAST(item AS VARCHAR)) ELSE item ->> '$' END
    AS text,
  'record' AS told_by
FROM recorded
