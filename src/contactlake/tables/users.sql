-- users: the latest that is known of every user. Events and contact records tell of the instant at which they were seen;
-- what the API said holds until the last list that still has the user. Every column is that of the newest row that tells
-- it. Events always tell the hierarchy (nothing: none), contact records only where they name a group.
WITH
latest_list AS (
  SELECT instance_id, MAX(fetched_at) AS listed_at, ARG_MAX(listed_ids, fetched_at) AS ids
  FROM _user_directory
  WHERE resource_type = 'user-list'
  GROUP BY instance_id
),
listed AS (
  SELECT DISTINCT instance_id, listed_at, UNNEST(ids) AS user_id FROM latest_list
),
described AS (
  SELECT r.*, GREATEST(r.fetched_at, COALESCE(l.listed_at, r.fetched_at)) AS known_at
  FROM _user_described AS r
  LEFT JOIN listed AS l ON l.instance_id = r.instance_id AND l.user_id = r.resource_id
  WHERE r.resource_type = 'user'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY r.resource_id ORDER BY known_at DESC, r.fetched_at DESC, r.instance_id) = 1
),
hierarchy_group AS (
  SELECT *
  FROM _user_directory
  WHERE resource_type = 'hierarchy-group'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY instance_id, resource_id ORDER BY fetched_at DESC) = 1
),
told AS (
  SELECT
    user_id,
    {'at': last_seen, 'source': source, 'instance': instance_id, 'since': first_seen} AS told_at,
    instance_id,
    COALESCE(instance_arn, NULLIF(REGEXP_EXTRACT(user_arn, '^(.*)/agent/', 1), '')) AS instance_arn,
    user_arn,
    agent_username,
    first_name,
    last_name,
    CASE WHEN agent_routing_profile_id IS NOT NULL
      THEN {'id': agent_routing_profile_id, 'arn': agent_routing_profile_arn} END AS profile,
    CASE WHEN source = 'agent_event' OR COALESCE(${level_ids}) IS NOT NULL THEN {
      'id': COALESCE(${level_ids}),
      'arn': COALESCE(${level_arns}),
      ${levels_seen}
    } END AS hierarchy,
    auto_accept,
    agent_voice_enhancement_mode
  FROM _user_configuration
  UNION ALL BY NAME
  SELECT
    d.resource_id AS user_id,
    {'at': d.known_at, 'source': 'api', 'instance': d.instance_id, 'since': d.fetched_at} AS told_at,
    d.instance_id,
    NULLIF(REGEXP_EXTRACT(d.resource_arn, '^(.*)/agent/', 1), '') AS instance_arn,
    d.resource_arn AS user_arn,
    d.name AS agent_username,
    NULLIF(d.first_name, '') AS first_name,
    NULLIF(d.last_name, '') AS last_name,
    CASE WHEN d.routing_profile_id <> '' THEN {
      'id': d.routing_profile_id,
      'arn': REGEXP_EXTRACT(d.resource_arn, '^(.*)/agent/', 1) || '/routing-profile/' || d.routing_profile_id
    } END AS profile,
    {
      'id': NULLIF(d.hierarchy_group_id, ''),
      'arn': REGEXP_EXTRACT(d.resource_arn, '^(.*)/agent/', 1) || '/agent-group/' || NULLIF(d.hierarchy_group_id, ''),
      ${levels_of_group}
    } AS hierarchy,
    d.auto_accept,
    LIST_FILTER(d.voice_enhancement_configs, lambda c: c.channel = 'VOICE')[1].voice_enhancement_mode
      AS agent_voice_enhancement_mode
  FROM described AS d
  LEFT JOIN hierarchy_group AS g ON g.instance_id = d.instance_id AND g.resource_id = d.hierarchy_group_id
),
known AS (
  SELECT
    user_id,
    MAX(told_at.at) AS told_at,
    -- the newest row that has a value: others are passed over
    ARG_MAX(instance_id, told_at) AS instance_id,
    ARG_MAX(instance_arn, told_at) AS instance_arn,
    ARG_MAX(user_arn, told_at) AS user_arn,
    ARG_MAX(agent_username, told_at) AS agent_username,
    ARG_MAX(first_name, told_at) AS first_name,
    ARG_MAX(last_name, told_at) AS last_name,
    ARG_MAX(profile, told_at) AS profile,
    ARG_MAX(hierarchy, told_at) AS hierarchy,
    ARG_MAX(auto_accept, told_at) AS auto_accept,
    ARG_MAX(agent_voice_enhancement_mode, told_at) AS agent_voice_enhancement_mode
  FROM told
  GROUP BY user_id
)
SELECT
  k.user_id,
  k.user_arn,
  d.directory_user_id,
  k.hierarchy.id AS agent_hierarchy_group_id,
  k.hierarchy.arn AS agent_hierarchy_group_arn,
  ${levels},
  d.email AS agent_email,
  d.secondary_email AS agent_secondary_email,
  k.first_name,
  k.last_name,
  d.mobile,
  k.agent_username,
  k.instance_id,
  k.instance_arn,
  k.profile.id AS agent_routing_profile_id,
  k.profile.arn AS agent_routing_profile_arn,
  d.security_profile_ids AS agent_security_profile_ids,
  LIST_TRANSFORM(
    d.security_profile_ids,
    lambda id: REGEXP_EXTRACT(d.resource_arn, '^(.*)/agent/', 1) || '/security-profile/' || id
  ) AS agent_security_profile_arns,
  d.last_modified_region,
  d.last_modified_timestamp,
  CAST(d.after_contact_work_time_limit AS INTEGER) AS after_contact_work_time_limit,
  k.auto_accept,
  d.desk_phone_number,
  d.phone_type,
  CASE WHEN a.listed_at IS NULL THEN NULL ELSE l.user_id IS NOT NULL OR k.told_at > a.listed_at END AS is_active,
  k.agent_voice_enhancement_mode
FROM known AS k
LEFT JOIN described AS d ON d.resource_id = k.user_id
LEFT JOIN latest_list AS a ON a.instance_id = k.instance_id
LEFT JOIN listed AS l ON l.instance_id = k.instance_id AND l.user_id = k.user_id
