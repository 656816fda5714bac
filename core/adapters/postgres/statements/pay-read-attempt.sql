-- pay-read-attempt: the owner and the status of an attempt, for a caller that knows its id only.
--   in   attempt_id
--   out  one row, or none: there is no such attempt
SELECT attempt_id, reservation_id, user_id, body_hash, status FROM payment_attempts WHERE attempt_id = $attempt_id
