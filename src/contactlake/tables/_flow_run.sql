-- Runs: entries that follow each other in one flow, and within it those that follow each other in one module. A block
-- of a module belongs to the flow before it. What a run ended with is its last block.
WITH placed AS (
  SELECT
    *,
    LAST_VALUE(flow IGNORE NULLS) OVER w AS within,
    LAST_VALUE(
      CASE WHEN block IN ('setqueue', 'updatecontacttargetqueue', 'setworkingqueue') THEN queue END IGNORE NULLS
    ) OVER w AS queue_set,
    LAG(arn) OVER o AS arn_before,
    LEAD(flow) OVER o AS flow_next
  FROM _flow_entry
  WINDOW
    o AS (PARTITION BY instance_id, contact_id ORDER BY n),
    w AS (PARTITION BY instance_id, contact_id ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
begun AS (
  SELECT
    *,
    within IS DISTINCT FROM LAG(within) OVER o AS begins_flow,
    module IS NOT NULL AND arn IS DISTINCT FROM arn_before AS begins_module
  FROM placed
  WINDOW o AS (PARTITION BY instance_id, contact_id ORDER BY n)
),
numbered AS (
  SELECT
    *,
    SUM(CAST(begins_flow AS INTEGER)) OVER w AS flow_run,
    SUM(CAST(begins_module AS INTEGER)) OVER w AS module_run
  FROM begun
  WINDOW w AS (PARTITION BY instance_id, contact_id ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
run AS (
  SELECT
    instance_id,
    contact_id,
    'FLOW' AS resource_type,
    MIN(n) AS first_n,
    MIN(t) AS started,
    MAX(t) AS ended,
    ARG_MAX(CASE WHEN flow IS NOT NULL THEN arn END, n) AS arn,
    within AS flow,
    CAST(NULL AS VARCHAR) AS module,
    ARG_MAX(resource_version, n) FILTER (flow IS NOT NULL) AS resource_version,
    ARG_MAX({'outcome': outcome, 'queue': COALESCE(queue, queue_set), 'target': target, 'flow_next': flow_next}, n)
      AS last
  FROM numbered
  WHERE within IS NOT NULL
  GROUP BY instance_id, contact_id, flow_run, within
  UNION ALL BY NAME
  SELECT
    instance_id,
    contact_id,
    'MODULE' AS resource_type,
    MIN(n) AS first_n,
    MIN(t) AS started,
    MAX(t) AS ended,
    ARG_MAX(arn, n) AS arn,
    ARG_MAX(within, n) AS flow,
    module,
    ARG_MAX(resource_version, n) AS resource_version,
    ARG_MAX({'outcome': outcome, 'queue': COALESCE(queue, queue_set), 'target': target, 'flow_next': flow_next}, n)
      AS last
  FROM numbered
  WHERE module IS NOT NULL
  GROUP BY instance_id, contact_id, module_run, flow_run, module
)
SELECT
  r.* EXCLUDE (last),
  REGEXP_EXTRACT(r.arn, '^(.*:instance/[^/]+)', 1) AS instance_arn,
  NULLIF(REGEXP_EXTRACT(r.arn, '^[^:]*:[^:]*:[^:]*:[^:]*:([0-9]+):', 1), '') AS aws_account_id,
  r.last.outcome AS outcome,
  r.last.queue AS queue,
  r.last.target AS target,
  r.last.flow_next AS flow_next,
  LEAD(flow) OVER o AS run_next,
  ROW_NUMBER() OVER (PARTITION BY instance_id, contact_id, resource_type, arn, started ORDER BY first_n) AS same
FROM run AS r
WINDOW o AS (PARTITION BY instance_id, contact_id, resource_type ORDER BY first_n)
