-- One row for every contact in the current snapshot of every event of the timeline.
SELECT
  e.agent, e.i, e.t, e.t_before, e.config, e.config_before, e.t_next, e.t_before_next,
  x.contact, x.state, x.state_start, x.reached, x.face
FROM _agent_timeline AS e
JOIN _agent_entry AS x ON x.part = e.part AND x.list = e.list
