-- pay-decline: records that the provider declined. The attempt is over; the hold is not.
--   in   attempt_id, decline_code
UPDATE payment_attempts
   SET status = 'DECLINED', decline_code = $decline_code, updated_at = clock_timestamp(), settled_at = clock_timestamp()
 WHERE attempt_id = $attempt_id AND status IN ('OPEN', 'ACTION_REQUIRED')
