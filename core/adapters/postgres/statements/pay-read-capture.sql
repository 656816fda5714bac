-- pay-read-capture: orders whose money is not captured yet.
--   in   order_ids
--   out  a row for each of them; none for an order that is settled, or that does not exist
SELECT o.order_id, o.sku_no, o.reservation_id, a.attempt_id, a.provider_ref
  FROM orders o
  JOIN payment_attempts a ON a.attempt_id = o.attempt_id
 WHERE o.order_id = ANY($order_ids::uuid[]) AND o.status = 'PENDING_CAPTURE'
