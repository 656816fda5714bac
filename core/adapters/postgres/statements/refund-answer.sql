-- refund-answer: records what the provider answered about a refund that is not finished, and when it is asked next: after a pause
-- that doubles.
--   in   refund_id, state (UNKNOWN or PENDING), provider_ref or null, the error of the last try or null, first_seconds and
--        longest_seconds of the pause
--   A refund that the provider has, or that is settled, does not become UNKNOWN again.
UPDATE refunds
   SET state = CASE WHEN state = 'PENDING' THEN state ELSE $state END,
       provider_ref = coalesce(provider_ref, $provider_ref),
       tries = tries + 1,
       next_at = clock_timestamp() + make_interval(secs => least($longest_seconds::float8, $first_seconds::float8 * 2 ^ least(tries, 30))),
       failing_since = CASE WHEN $error::text IS NOT NULL THEN coalesce(failing_since, clock_timestamp()) END,
       last_error = $error
 WHERE refund_id = $refund_id AND state IN ('REQUESTED', 'UNKNOWN', 'PENDING')
