-- pay-read-set-aside: money that is not where it belongs, because a try failed.
--   out  payments: how many payments wait for another try; age_ms: since when the oldest does
SELECT count(*)::int AS payments, coalesce(extract(epoch FROM clock_timestamp() - min(since)) * 1000, 0)::float8 AS age_ms
  FROM payment_retries
 WHERE last_error IS NOT NULL AND work IN ('capture', 'give-back')
