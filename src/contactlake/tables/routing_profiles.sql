-- routing_profiles: the latest that is known of every routing profile that an agent was seen with or that the API named.
WITH
latest_list AS (
  SELECT instance_id, MAX(fetched_at) AS listed_at, ARG_MAX(listed_ids, fetched_at) AS ids
  FROM _profile_directory
  WHERE resource_type = 'routing-profile-list'
  GROUP BY instance_id
),
listed AS (
  SELECT DISTINCT instance_id, listed_at, UNNEST(ids) AS profile_id FROM latest_list
),
described AS (
  SELECT r.*, GREATEST(r.fetched_at, COALESCE(l.listed_at, r.fetched_at)) AS known_at
  FROM _profile_described AS r
  LEFT JOIN listed AS l ON l.instance_id = r.instance_id AND l.profile_id = r.resource_id
  WHERE r.resource_type = 'routing-profile'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY r.resource_id ORDER BY known_at DESC, r.fetched_at DESC, r.instance_id) = 1
),
told AS (
  SELECT
    agent_routing_profile_id,
    {'at': last_seen, 'source': source, 'instance': instance_id, 'user': user_id, 'since': first_seen} AS told_at,
    instance_id,
    COALESCE(instance_arn, NULLIF(REGEXP_EXTRACT(user_arn, '^(.*)/agent/', 1), '')) AS instance_arn,
    agent_routing_profile_arn,
    routing_profile_name,
    default_outbound_queue_id
  FROM _profile_configuration
  WHERE agent_routing_profile_id IS NOT NULL
  UNION ALL BY NAME
  SELECT
    resource_id AS agent_routing_profile_id,
    {'at': known_at, 'source': 'api', 'instance': instance_id, 'user': '', 'since': fetched_at} AS told_at,
    instance_id,
    NULLIF(REGEXP_EXTRACT(resource_arn, '^(.*)/routing-profile/', 1), '') AS instance_arn,
    resource_arn AS agent_routing_profile_arn,
    name AS routing_profile_name,
    NULLIF(default_outbound_queue_id, '') AS default_outbound_queue_id
  FROM described
),
known AS (
  SELECT
    agent_routing_profile_id,
    MAX(told_at.at) AS told_at,
    -- the newest row that has a value: others are passed over
    ARG_MAX(instance_id, told_at) AS instance_id,
    ARG_MAX(instance_arn, told_at) AS instance_arn,
    ARG_MAX(agent_routing_profile_arn, told_at) AS agent_routing_profile_arn,
    ARG_MAX(routing_profile_name, told_at) AS routing_profile_name,
    ARG_MAX(default_outbound_queue_id, told_at) AS default_outbound_queue_id
  FROM told
  GROUP BY agent_routing_profile_id
)
SELECT
  k.agent_routing_profile_id,
  k.agent_routing_profile_arn,
  k.routing_profile_name,
  k.instance_id,
  k.instance_arn,
  d.agent_availability_timer,
  k.default_outbound_queue_id,
  d.description AS routing_profile_description,
  d.last_modified_region,
  d.last_modified_timestamp,
  CASE WHEN a.listed_at IS NULL THEN NULL ELSE l.profile_id IS NOT NULL OR k.told_at > a.listed_at END AS is_active
FROM known AS k
LEFT JOIN described AS d ON d.resource_id = k.agent_routing_profile_id
LEFT JOIN latest_list AS a ON a.instance_id = k.instance_id
LEFT JOIN listed AS l ON l.instance_id = k.instance_id AND l.profile_id = k.agent_routing_profile_id
