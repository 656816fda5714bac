-- pay-confirm: turns the hold into a sale (core/migrations/0002_transitions.sql); repeating it gives the same answer.
--   in   $1 reservation_id  $2 user_id  $3 attempt_id  $4 order_id
--   out  outcome: confirmed | expired | lost
SELECT outcome FROM confirm_reservation($1, $2, $3, $4)
