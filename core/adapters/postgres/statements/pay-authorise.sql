-- pay-authorise: records that the provider holds the money.
--   in   attempt_id, provider_ref
--   An attempt that was abandoned meanwhile keeps its status and gets the name of the payment: there is something to give back
--   again.
UPDATE payment_attempts
   SET status = CASE status WHEN 'ABANDONED' THEN status ELSE 'AUTHORISED' END,
       settled_at = CASE WHEN provider_ref IS DISTINCT FROM $provider_ref THEN NULL ELSE settled_at END,
       provider_ref = $provider_ref,
       updated_at = clock_timestamp()
 WHERE attempt_id = $attempt_id AND status IN ('OPEN', 'ACTION_REQUIRED', 'ABANDONED')
