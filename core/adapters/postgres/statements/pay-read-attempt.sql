-- pay-read-attempt: whose attempt it is and where it stands; for who knows no more than its id.
--   in   $1 attempt_id
--   out  one row, or none: we made no such attempt
SELECT attempt_id, reservation_id, user_id, body_hash, status FROM payment_attempts WHERE attempt_id = $1
