-- pay-abandon: gives up one attempt whose hold has ended; from here on it can never be confirmed.
--   in   $1 attempt_id
-- Waits for a confirm that holds the row and then leaves its CONFIRMED attempt alone.
UPDATE payment_attempts SET status = 'ABANDONED', updated_at = clock_timestamp()
 WHERE attempt_id = $1 AND status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED')
