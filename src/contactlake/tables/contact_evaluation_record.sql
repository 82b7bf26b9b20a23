-- One row per evaluation for its form, one per section and one per question. Items without an id, or with the id of an
-- item before, have no row: the key of a row is the item's id.
WITH evaluation AS (
  SELECT
    e.*,
    r.disconnect_timestamp,
    r.initiation_timestamp,
    r.agent_id AS recorded_agent_id,
    r.queue_id,
    r.channel,
    MAP_VALUES(r.contact_evaluations) AS marks
  FROM contact_evaluation AS e
  LEFT JOIN contact_record AS r ON r.contact_id = e.contact_id
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY e.instance_id, e.evaluation_id ORDER BY r.instance_id = e.instance_id DESC NULLS LAST, r.instance_id
  ) = 1
),
item AS (
  SELECT
    instance_id,
    evaluation_id,
    COALESCE(evaluation_definition_id, evaluation_id) AS item_reference_id,
    'Form' AS item_type,
    1 AS kind,
    1 AS position,
    evaluation_definition_title AS item_title,
    CASE WHEN score_not_applicable THEN NULL ELSE score_percentage END AS score,
    score_automatic_fail AS automatic_fail
  FROM evaluation
  UNION ALL BY NAME
  SELECT
    instance_id,
    evaluation_id,
    s.section.section_ref_id AS item_reference_id,
    'Section' AS item_type,
    2 AS kind,
    s.position,
    s.section.section_title AS item_title,
    CASE WHEN s.section.score.not_applicable THEN NULL ELSE s.section.score.percentage END AS score,
    s.section.score.automatic_fail AS automatic_fail
  FROM evaluation, UNNEST(sections) WITH ORDINALITY AS s (section, position)
  UNION ALL BY NAME
  SELECT
    instance_id,
    evaluation_id,
    q.question.question_ref_id AS item_reference_id,
    'Question' AS item_type,
    3 AS kind,
    q.position,
    q.question.question_text AS item_title,
    CASE WHEN q.question.score.not_applicable THEN NULL ELSE q.question.score.percentage END AS score,
    q.question.score.automatic_fail AS automatic_fail,
    UPPER(q.question.question_type) AS question_type,
    q.question.answer.value AS answer,
    LIST_TRANSFORM(
      LIST_FILTER(q.question.answer.values, lambda v: v.selected AND v.value_ref_id IS NOT NULL),
      lambda v: v.value_ref_id
    ) AS chosen
  FROM evaluation, UNNEST(questions) WITH ORDINALITY AS q (question, position)
)
SELECT
  e.aws_account_id,
  instance_id,
  evaluation_id,
  i.item_reference_id,
  i.item_type,
  e.contact_id,
  e.evaluation_submit_timestamp AS evaluation_submitted_timestamp,
  i.score,
  i.automatic_fail,
  e.evaluator AS evaluator_id,
  CASE WHEN i.question_type = 'NUMERIC' THEN TRY_CAST(i.answer AS DOUBLE) END AS numeric_answer,
  CASE WHEN i.question_type NOT LIKE 'MULTI%' THEN i.chosen[1] END AS answer_reference_id,
  CASE WHEN i.question_type LIKE 'MULTI%' THEN i.chosen END AS multi_select_answer_reference_ids,
  CASE WHEN i.question_type IN ('DATETIME', 'DATE_TIME', 'DATE') THEN TRY_CAST(i.answer AS TIMESTAMPTZ) END
    AS date_time_answer,
  CASE
    WHEN e.marks IS NOT NULL THEN
      LIST_BOOL_OR(
        LIST_TRANSFORM(
          LIST_FILTER(e.marks, lambda m: ENDS_WITH(m.evaluation_arn, '/' || evaluation_id)),
          lambda m: COALESCE(m.status = 'DELETED', FALSE)
        )
      )
  END AS to_delete,
  e.disconnect_timestamp,
  COALESCE(e.initiation_timestamp, e.evaluation_submit_timestamp) AS initiation_timestamp,
  COALESCE(e.agent_id, e.recorded_agent_id) AS user_id,
  e.queue_id,
  e.channel,
  e.disconnect_timestamp AS contact_aggregation_timestamp,
  i.item_title,
  CAST(e.evaluation_definition_version AS VARCHAR) AS form_version,
  ${no_source}
FROM item AS i
JOIN evaluation AS e USING (instance_id, evaluation_id)
WHERE i.item_reference_id IS NOT NULL
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY instance_id, evaluation_id, i.item_reference_id ORDER BY i.kind, i.position
) = 1
