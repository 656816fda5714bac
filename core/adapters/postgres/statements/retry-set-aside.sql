-- retry-set-aside: lets every payment and refund whose last try failed be tried at once
WITH payments AS (
  UPDATE payment_retries SET next_at = clock_timestamp() WHERE last_error IS NOT NULL RETURNING 1
), refunded AS (
  UPDATE refunds SET next_at = clock_timestamp()
   WHERE failing_since IS NOT NULL AND state IN ('REQUESTED', 'UNKNOWN', 'PENDING') RETURNING 1
)
SELECT (SELECT count(*) FROM payments)::integer + (SELECT count(*) FROM refunded)::integer AS due_now
