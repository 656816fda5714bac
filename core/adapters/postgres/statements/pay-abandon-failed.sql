-- pay-abandon-failed: abandons an attempt for which the provider has recorded a failure; another key may pay meanwhile.
--   in   attempt_id, the reason as decline_code
--   The attempt stays unsettled: the reconciler asks for its payment until one must have become visible, and gives it back.
UPDATE payment_attempts SET status = 'ABANDONED', decline_code = $decline_code, updated_at = clock_timestamp()
 WHERE attempt_id = $attempt_id AND status = 'OPEN'
