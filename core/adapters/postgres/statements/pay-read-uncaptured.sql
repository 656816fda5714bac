-- pay-read-uncaptured: orders that should have been captured by now, oldest first.
--   in   $1 age in seconds from which an order counts  $2 how many at most
SELECT order_id
  FROM orders
 WHERE status = 'PENDING_CAPTURE' AND created_at <= clock_timestamp() - make_interval(secs => $1)
 ORDER BY created_at
 LIMIT $2
