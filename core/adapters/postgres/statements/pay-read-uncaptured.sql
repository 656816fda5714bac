-- pay-read-uncaptured: orders whose capture is due, the longest due first: those that were not captured in time, and those whose
-- retry is due.
--   in   min_age_seconds: the age from which an order counts that has no retry; limit
--   A failed try moves an order behind all orders that are due by then, so that no number of stuck orders hides another one.
SELECT o.order_id
  FROM orders o
  LEFT JOIN payment_retries t ON t.work = 'capture' AND t.attempt_id = o.attempt_id
 WHERE o.status = 'PENDING_CAPTURE' AND coalesce(t.next_at, o.created_at + make_interval(secs => $min_age_seconds)) <= clock_timestamp()
 ORDER BY coalesce(t.next_at, o.created_at + make_interval(secs => $min_age_seconds))
 LIMIT $limit
