-- change-states: moves reservations on; raises FS004 unless every one of them was in the state it must come from.
--   in  $1 ids  $2 from  $3 to  $4 new expires_at in microseconds, or null to keep it
SELECT change_states($1::uuid[], $2::smallint, $3::smallint, instant($4::bigint))
