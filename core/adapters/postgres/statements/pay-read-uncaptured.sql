-- pay-read-uncaptured: orders whose capture is due, the longest due first: those that nobody captured in time, and those that were set aside.
--   in   $1 age in seconds from which an order counts that was never tried in vain  $2 how many at most
-- A failed try moves an order behind all that are due by then, so that no number of stuck orders hides another one.
SELECT o.order_id
  FROM orders o
  LEFT JOIN payment_retries t ON t.work = 'capture' AND t.attempt_id = o.attempt_id
 WHERE o.status = 'PENDING_CAPTURE' AND coalesce(t.next_at, o.created_at + make_interval(secs => $1)) <= clock_timestamp()
 ORDER BY coalesce(t.next_at, o.created_at + make_interval(secs => $1))
 LIMIT $2
