-- pay-abandon-failed: gives up an attempt of which the provider will never say anything but that it failed; another key may pay meanwhile.
--   in   $1 attempt_id  $2 why
-- It stays unsettled: the reconciler looks for its payment until one would have become visible, and gives it back.
UPDATE payment_attempts SET status = 'ABANDONED', decline_code = $2, updated_at = clock_timestamp()
 WHERE attempt_id = $1 AND status = 'OPEN'
