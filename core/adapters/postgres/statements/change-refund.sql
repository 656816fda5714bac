-- change-refund: settles a refund and what its order shows of it; see change_refund.
--   in      refund_id, from_states, to_state, refunded_minor, units_kept, at, failure_code or null
--   raises  FS004 unless the refund is in one of from_states
SELECT change_refund($refund_id, $from_states, $to_state, $refunded_minor, $units_kept, instant($at::bigint), $failure_code)
