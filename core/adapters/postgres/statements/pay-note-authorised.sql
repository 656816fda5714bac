-- pay-note-authorised: the provider holds the money.
--   in   $1 attempt_id  $2 provider_ref
-- An attempt that was abandoned meanwhile keeps its status and learns the payment's name: there is something to give back again.
UPDATE payment_attempts
   SET status = CASE status WHEN 'ABANDONED' THEN status ELSE 'AUTHORISED' END,
       settled_at = CASE WHEN provider_ref IS DISTINCT FROM $2 THEN NULL ELSE settled_at END,
       provider_ref = $2,
       updated_at = clock_timestamp()
 WHERE attempt_id = $1 AND status IN ('OPEN', 'ACTION_REQUIRED', 'ABANDONED')
