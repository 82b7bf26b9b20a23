-- The categories that every contact matched, of the analysis that counts, with the places in the conversation where it
-- did: offsets in a call, ids of turns in a chat. A contact without an analysis file: what its record tells.
SELECT
  instance_id,
  contact_id,
  category,
  COALESCE(
    LIST_TRANSFORM(
      JSON_EXTRACT(
        JSON_EXTRACT(CAST(details AS JSON), '/' || REPLACE(REPLACE(category, '~', '~0'), '/', '~1')),
        '$.PointsOfInterest[*]'
      ),
      lambda p: {
        'begin_offset_ms': TRY_CAST(p ->> '$.BeginOffsetMillis' AS BIGINT),
        'end_offset_ms': TRY_CAST(p ->> '$.EndOffsetMillis' AS BIGINT),
        'turn_ids': JSON_EXTRACT_STRING(p, '$.TranscriptItems[*].Id')
      }
    ),
    []
  ) AS points_of_interest,
  'file' AS told_by
FROM (
  SELECT
    k.instance_id,
    k.contact_id,
    a.categories_matched_details AS details,
    UNNEST(LIST_DISTINCT(a.categories)) AS category
  FROM contact_analysis_chosen AS k
  JOIN contact_analysis AS a USING (contact_id, redacted, analysis_id)
)
UNION ALL BY NAME
SELECT
  r.instance_id,
  r.contact_id,
  UNNEST(
    LIST_DISTINCT(
      JSON_EXTRACT_STRING(
        CASE
          WHEN JSON_TYPE(TRY_CAST(r.categories AS JSON)) = 'OBJECT'
            THEN JSON_EXTRACT(TRY_CAST(r.categories AS JSON), '$.MatchedCategories')
          ELSE TRY_CAST(r.categories AS JSON)
        END,
        '$[*]'
      )
    )
  ) AS category,
  [] AS points_of_interest,
  'record' AS told_by
FROM contact_record_analysis AS r
ANTI JOIN contact_analysis AS a USING (contact_id)
