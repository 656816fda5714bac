-- refund-read-failing: refunds that are not finished because a try failed.
--   out  refunds: how many; age_ms: how long the oldest has been failing
SELECT count(*)::int AS refunds, coalesce(extract(epoch FROM clock_timestamp() - min(failing_since)) * 1000, 0)::float8 AS age_ms
  FROM refunds
 WHERE state IN ('REQUESTED', 'UNKNOWN', 'PENDING') AND failing_since IS NOT NULL
