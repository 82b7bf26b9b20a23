-- The evidence without its quiet events, in no order. An event is quiet that repeats status, contacts and configuration
-- of the event before, after no longer than the silence that is believed: it moves no boundary. All it leaves behind is
-- `t_quiet` and `quiet_id`: time and id of the event before. Events that share their instant, and their neighbours, are
-- never quiet, as their order is not found yet; nor are the first and the last: so that what is kept of the evidence is
-- the same, as far as it matters, when it is found for one stretch of time after the other. `part` tells the lists of
-- such stretches apart. A previous list that is the list of the event before says nothing new and is left out, too, but
-- where it finds the order of events or confirms a silence.
SELECT
  * EXCLUDE (previous_list, t_before, t_before_that, t_after, t_after_that, id_before, face_before, start_before, config_before,
    list_before),
  CASE
    WHEN COALESCE(
      previous_list = list_before
      AND t - t_before <= (SELECT max_silence_ms FROM _agent_rules)
      AND t_before < t
      AND COALESCE(t_before_that < t_before, TRUE)
      AND COALESCE(t < t_after, TRUE),
      FALSE
    )
    THEN NULL
    ELSE previous_list
  END AS previous_list,
  CAST(0 AS BIGINT) AS part,
  CASE WHEN t_before < t AND COALESCE(t < t_after, TRUE) THEN t_before END AS t_quiet,
  CASE WHEN t_before < t AND COALESCE(t < t_after, TRUE) THEN id_before END AS quiet_id
FROM (
  SELECT
    *,
    LAG(t) OVER w AS t_before,
    LAG(t, 2) OVER w AS t_before_that,
    LEAD(t) OVER w AS t_after,
    LEAD(t, 2) OVER w AS t_after_that,
    LAG(event_id) OVER w AS id_before,
    LAG(face) OVER w AS face_before,
    LAG(status_start) OVER w AS start_before,
    LAG(config) OVER w AS config_before,
    LAG(list) OVER w AS list_before
  FROM _agent_evidence_numbered
  WINDOW w AS (PARTITION BY agent ORDER BY t)
) AS neighbours
WHERE NOT COALESCE(
  kind = 0
  AND face = face_before
  AND status_start IS NOT DISTINCT FROM start_before
  AND config = config_before
  AND list IS NOT DISTINCT FROM list_before
  AND (previous_list IS NULL OR previous_list IS NOT DISTINCT FROM list)
  AND t - t_before <= (SELECT max_silence_ms FROM _agent_rules)
  AND t_before < t
  AND COALESCE(t_before_that < t_before, TRUE)
  AND t < t_after
  AND COALESCE(t_after < t_after_that, TRUE),
  FALSE
)
