-- pay-confirm: turns a hold into a sale; see core/database/functions/confirm_by_call.sql. A repeated call gets the same answer.
--   in   reservation_id, user_id, attempt_id, order_id, call_id (the same when the call is repeated)
--   out  outcome: confirmed | expired | lost; made: this call made the sale
SELECT outcome, made FROM confirm_by_call($reservation_id, $user_id, $attempt_id, $order_id, $call_id)
