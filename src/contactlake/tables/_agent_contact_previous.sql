-- Contacts in previous snapshots that can matter: their state began after the event before, or the silence before the
-- event is long enough to need confirmation. The first event of an agent has no previous snapshot worth reading.
SELECT
  e.agent, e.i, e.t, e.t_before, e.config_before AS config, x.contact, x.state, x.state_start, x.reached, x.face
FROM _agent_timeline AS e
JOIN _agent_entry AS x ON x.part = e.part AND x.list = e.previous_list
WHERE e.t_before IS NOT NULL
  AND (x.state_start > e.t_before OR e.t - e.t_before > (SELECT max_silence_ms FROM _agent_rules))
