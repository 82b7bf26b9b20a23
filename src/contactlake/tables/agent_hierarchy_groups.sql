-- agent_hierarchy_groups: the latest that is known of every group that an agent was seen in or that the API named.
WITH
latest_list AS (
  SELECT instance_id, MAX(fetched_at) AS listed_at, ARG_MAX(listed_ids, fetched_at) AS ids
  FROM _group_directory
  WHERE resource_type = 'hierarchy-group-list'
  GROUP BY instance_id
),
listed AS (
  SELECT DISTINCT instance_id, listed_at, UNNEST(ids) AS group_id FROM latest_list
),
described AS (
  SELECT r.*, GREATEST(r.fetched_at, COALESCE(l.listed_at, r.fetched_at)) AS known_at
  FROM _group_described AS r
  LEFT JOIN listed AS l ON l.instance_id = r.instance_id AND l.group_id = r.resource_id
  WHERE r.resource_type = 'hierarchy-group'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY r.resource_id ORDER BY known_at DESC, r.fetched_at DESC, r.instance_id) = 1
),
told AS (
  SELECT
    resource_id AS group_id,
    {'at': last_seen, 'source': 'seen', 'instance': instance_id, 'since': first_seen} AS told_at,
    instance_id,
    resource_arn AS arn,
    name
  FROM _group_name
  WHERE resource_type = 'HIERARCHY_GROUP'
  UNION ALL
  SELECT
    resource_id,
    {'at': known_at, 'source': 'api', 'instance': instance_id, 'since': fetched_at},
    instance_id,
    resource_arn,
    name
  FROM described
),
known AS (
  SELECT
    group_id,
    MAX(told_at.at) AS told_at,
    -- the newest row that has a value: others are passed over
    ARG_MAX(instance_id, told_at) AS instance_id,
    ARG_MAX(arn, told_at) AS arn,
    ARG_MAX(name, told_at) AS name
  FROM told
  GROUP BY group_id
)
SELECT
  k.instance_id,
  NULLIF(REGEXP_EXTRACT(k.arn, '^(.*)/agent-group/', 1), '') AS instance_arn,
  NULLIF(REGEXP_EXTRACT(k.arn, '^(?:[^:]*:){4}(\d+):', 1), '') AS aws_account_id,
  k.group_id AS agent_hierarchy_group_id,
  k.arn AS agent_hierarchy_group_arn,
  k.name AS agent_hierarchy_group_name,
  d.last_modified_region,
  d.last_modified_timestamp,
  CASE WHEN a.listed_at IS NULL THEN NULL ELSE l.group_id IS NOT NULL OR k.told_at > a.listed_at END AS is_active
FROM known AS k
LEFT JOIN described AS d ON d.resource_id = k.group_id
LEFT JOIN latest_list AS a ON a.instance_id = k.instance_id
LEFT JOIN listed AS l ON l.instance_id = k.instance_id AND l.group_id = k.group_id
