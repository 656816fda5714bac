-- read-set-aside: payments and refunds whose last try failed, the oldest first
SELECT work, id, order_id, tries, since, next_at, last_error, count(*) OVER ()::integer AS in_all
  FROM (
    SELECT r.work, r.attempt_id AS id, o.order_id, r.tries, r.since, r.next_at, r.last_error
      FROM payment_retries r
      LEFT JOIN orders o ON o.attempt_id = r.attempt_id
     WHERE r.last_error IS NOT NULL
    UNION ALL
    SELECT 'refund', refund_id, order_id, tries, failing_since, next_at, last_error
      FROM refunds
     WHERE failing_since IS NOT NULL AND state IN ('REQUESTED', 'UNKNOWN', 'PENDING')
  ) set_aside
 ORDER BY since
 LIMIT $limit
