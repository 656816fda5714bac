-- pay-read-failing: payments whose money is not where it belongs because a try failed.
--   out  payments: how many wait for another try; age_ms: how long the oldest has waited
SELECT count(*)::int AS payments, coalesce(extract(epoch FROM clock_timestamp() - min(since)) * 1000, 0)::float8 AS age_ms
  FROM payment_retries
 WHERE last_error IS NOT NULL AND work IN ('capture', 'give-back')
