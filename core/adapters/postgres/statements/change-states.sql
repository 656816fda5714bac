-- change-states: moves reservations to another state.
--   in      ids, from_state, to_state, expires_at (microseconds, or null to keep it)
--   raises  FS004 unless each of them is in from_state
SELECT change_states($ids::uuid[], $from_state::smallint, $to_state::smallint, instant($expires_at::bigint))
