-- pay-note-given-back: nothing of an abandoned attempt is left with the provider.
--   in   $1 attempt_id  $2 provider_ref, null when no payment was ever made
-- A payment that became known under another name meanwhile is not covered and keeps the attempt unsettled.
UPDATE payment_attempts
   SET settled_at = clock_timestamp(), provider_ref = coalesce(provider_ref, $2)
 WHERE attempt_id = $1 AND status = 'ABANDONED' AND settled_at IS NULL
   AND (provider_ref IS NULL OR provider_ref = $2)
