-- The logged blocks of every contact, numbered in their order. Of blocks logged in the same millisecond those of the
-- flow before come first, those of the flow after come last, and a flow's last block comes after its others.
WITH logged AS (
  SELECT
    instance_id,
    contact_id,
    entry_id,
    entry_timestamp AS t,
    contact_flow_arn AS arn,
    LOWER(contact_flow_module_type) AS block,
    CASE WHEN JSON_VALID(parameters) THEN CAST(parameters AS JSON) END AS parameters
  FROM contact_flow_log
  WHERE contact_id IS NOT NULL
),
entry AS (
  SELECT
    *,
    REGEXP_EXTRACT(arn, '^(.*:instance/[^/]+)', 1) AS instance_arn,
    NULLIF(REGEXP_EXTRACT(arn, '^[^:]*:[^:]*:[^:]*:[^:]*:([0-9]+):', 1), '') AS aws_account_id,
    NULLIF(REGEXP_EXTRACT(arn, '/contact-flow/([^/:]+)', 1), '') AS flow,
    NULLIF(REGEXP_EXTRACT(arn, '/flow-module/([^/:]+)', 1), '') AS module,
    NULLIF(REGEXP_EXTRACT(arn, '/(?:contact-flow|flow-module)/[^/:]+:([^/:]+)', 1), '') AS resource_version,
    ${queue} AS queue,
    ${flow} AS target,
    ${phone} IS NOT NULL AS has_phone,
    ${agent} IS NOT NULL AS has_agent
  FROM logged
),
known AS (
  SELECT
    *,
    CASE
      WHEN block IN ('disconnect', 'disconnectparticipant') THEN 'DISCONNECTED_PARTICIPANT'
      WHEN block IN ('endflowexecution', 'endflow', 'resume', 'resumecontact') THEN 'ENDED_FLOW_EXECUTION'
      WHEN block IN ('return', 'returnfromflowmodule', 'endflowmoduleexecution') THEN 'RETURNED_TO_FLOW'
      WHEN block IN ('transfertoflow', 'transfercontacttoflow') THEN 'TRANSFERRED_TO_FLOW'
      WHEN block IN ('transfertophonenumber', 'transferparticipanttothirdparty') THEN 'TRANSFERRED_TO_PHONE_NUMBER'
      WHEN block IN ('transfertoagent', 'transfercontacttoagent') THEN 'TRANSFERRED_TO_AGENT'
      WHEN block IN ('transfertoqueue', 'transfercontacttoqueue') THEN 'TRANSFERRED_TO_QUEUE'
      WHEN block = 'transfer' AND target IS NOT NULL THEN 'TRANSFERRED_TO_FLOW'
      WHEN block = 'transfer' AND has_phone THEN 'TRANSFERRED_TO_PHONE_NUMBER'
      WHEN block = 'transfer' AND has_agent THEN 'TRANSFERRED_TO_AGENT'
      WHEN block = 'transfer' THEN 'TRANSFERRED_TO_QUEUE'
    END AS outcome
  FROM entry
),
moment AS (
  SELECT
    instance_id,
    contact_id,
    t,
    LAG(arns) OVER w AS before,
    LEAD(arns) OVER w AS after
  FROM (SELECT instance_id, contact_id, t, LIST(DISTINCT arn) AS arns FROM known GROUP BY ALL)
  WINDOW w AS (PARTITION BY instance_id, contact_id ORDER BY t)
)
SELECT
  k.*,
  ROW_NUMBER() OVER (
    PARTITION BY instance_id, contact_id
    ORDER BY
      t,
      NOT COALESCE(LIST_CONTAINS(m.before, k.arn), FALSE),
      COALESCE(LIST_CONTAINS(m.after, k.arn), FALSE),
      k.arn,
      k.outcome IS NOT NULL,
      k.entry_id
  ) AS n
FROM known AS k
JOIN moment AS m USING (instance_id, contact_id, t)
