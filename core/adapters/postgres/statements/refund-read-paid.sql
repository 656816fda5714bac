-- refund-read-paid: the order of a payment attempt, for a caller that knows the payment only.
--   in   attempt_id
--   out  one row, or none: the attempt has no order
SELECT o.order_id, o.sku_no, o.status, o.currency, o.amount_minor::float8 AS amount_minor, o.attempt_id, a.provider_ref AS payment_ref
  FROM orders o JOIN payment_attempts a USING (attempt_id)
 WHERE o.attempt_id = $attempt_id
