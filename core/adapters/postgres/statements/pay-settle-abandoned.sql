-- pay-settle-abandoned: records that the provider holds nothing more of an abandoned attempt.
--   in   attempt_id, provider_ref (null when no payment was ever made)
--   A payment that became known under another name meanwhile is not covered, and the attempt stays unsettled.
UPDATE payment_attempts
   SET settled_at = clock_timestamp(), provider_ref = coalesce(provider_ref, $provider_ref)
 WHERE attempt_id = $attempt_id AND status = 'ABANDONED' AND settled_at IS NULL
   AND (provider_ref IS NULL OR provider_ref = $provider_ref)
