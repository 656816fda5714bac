-- pay-abandon: abandons one attempt whose hold has ended; after that it can never be confirmed.
--   in   attempt_id
--   It waits for a confirmation that holds the row, and then does not change its CONFIRMED attempt.
UPDATE payment_attempts SET status = 'ABANDONED', updated_at = clock_timestamp()
 WHERE attempt_id = $attempt_id AND status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED')
