-- What contact records themselves tell of an analysis, as the columns of contact_lens_conversational_analytics. How the
-- results are spelled inside is not published: what is not in the shape of an analysis file is null, never an error.
WITH said AS (
  SELECT
    instance_id,
    contact_id,
    language_locale,
    TRY_CAST(sentiment_score AS JSON) AS scores,
    TRY_CAST(categories AS JSON) AS matched,
    TRY_CAST(conversational_characteristics AS JSON) AS measures
  FROM contact_record_analysis
),
party AS (
  SELECT instance_id, contact_id, UPPER(p.party) AS party, JSON_EXTRACT(scores, '$."' || p.party || '"') AS scores
  FROM said, UNNEST(JSON_KEYS(CASE WHEN JSON_TYPE(scores) = 'OBJECT' THEN scores END)) AS p (party)
  WHERE UPPER(p.party) IN ('AGENT', 'CUSTOMER')
),
turn AS (
  SELECT
    instance_id,
    contact_id,
    UPPER(COALESCE(t.turn ->> '$.ParticipantRole', t.turn ->> '$.ParticipantId')) AS party,
    t.turn
  FROM said, UNNEST(JSON_EXTRACT(CASE WHEN JSON_TYPE(scores) = 'ARRAY' THEN scores END, '$[*]')) AS t (turn)
  UNION ALL BY NAME
  SELECT instance_id, contact_id, party, t.turn
  FROM party,
    UNNEST(CASE WHEN JSON_TYPE(scores) = 'ARRAY' THEN JSON_EXTRACT(scores, '$[*]') ELSE [scores] END) AS t (turn)
),
mood AS (
  SELECT
    instance_id,
    contact_id,
    AVG(CASE WHEN party = 'AGENT' THEN score END) AS agent,
    AVG(CASE WHEN party = 'CUSTOMER' THEN score END) AS customer
  FROM (
    SELECT
      instance_id,
      contact_id,
      party,
      TRY_CAST(CASE WHEN JSON_TYPE(turn) = 'OBJECT' THEN turn ->> '$.Score' ELSE turn ->> '$' END AS DECIMAL(18, 6))
        AS score
    FROM turn
  )
  GROUP BY ALL
)
SELECT
  instance_id,
  contact_id,
  s.language_locale AS language_code,
  CASE
    WHEN JSON_TYPE(s.matched) = 'ARRAY' THEN JSON_EXTRACT_STRING(s.matched, '$[*]')
    WHEN JSON_TYPE(s.matched) = 'OBJECT' THEN JSON_EXTRACT_STRING(s.matched, '$.MatchedCategories[*]')
  END AS categories,
  ${record_measures}
FROM said AS s
LEFT JOIN mood AS m USING (instance_id, contact_id)
