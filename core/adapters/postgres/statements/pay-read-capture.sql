-- pay-read-capture: an order whose money is not captured yet.
--   in   order_id
--   out  one row, or none: the order is settled, or there is none
SELECT o.sku_no, o.reservation_id, a.attempt_id, a.provider_ref
  FROM orders o
  JOIN payment_attempts a ON a.attempt_id = o.attempt_id
 WHERE o.order_id = $order_id AND o.status = 'PENDING_CAPTURE'
