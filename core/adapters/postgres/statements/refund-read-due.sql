-- refund-read-due: refunds that are not finished and about which the provider is to be asked, the longest due first.
--   in   limit
SELECT {{refund-columns}}
  FROM refunds f JOIN orders o USING (order_id) JOIN payment_attempts a USING (attempt_id)
 WHERE f.state IN ('REQUESTED', 'UNKNOWN', 'PENDING') AND f.next_at <= clock_timestamp()
 ORDER BY f.next_at
 LIMIT $limit
