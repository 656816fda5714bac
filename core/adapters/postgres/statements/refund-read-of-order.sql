-- refund-read-of-order: the refunds of an order, the oldest first.
--   in   order_id
SELECT {{refund-columns}}
  FROM refunds f JOIN orders o USING (order_id) JOIN payment_attempts a USING (attempt_id)
 WHERE f.order_id = $order_id
 ORDER BY f.requested_at, f.refund_id
