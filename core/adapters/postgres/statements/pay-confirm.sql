-- pay-confirm: turns the hold into a sale, through confirm_reservation (core/database/migrations/0010_money.sql); repeating it gives the same answer.
--   in   $1 reservation_id  $2 user_id  $3 attempt_id  $4 order_id  $5 id of the call, the same when it asks again
--   out  outcome: confirmed | expired | lost; made: this call made the sale
SELECT outcome, made FROM confirm_by_call($1, $2, $3, $4, $5)
