-- pay-note-declined: the provider said no; the attempt is over, the hold is not.
--   in   $1 attempt_id  $2 decline_code
UPDATE payment_attempts
   SET status = 'DECLINED', decline_code = $2, updated_at = clock_timestamp(), settled_at = clock_timestamp()
 WHERE attempt_id = $1 AND status IN ('OPEN', 'ACTION_REQUIRED')
