-- read-admin-order: one order, for an operator.
--   in   order_id
SELECT o.order_id, o.reservation_id, o.user_id, o.sku_id, o.quantity, o.amount_minor::float8 AS amount_minor, o.currency, o.status,
       o.created_at, o.refunded_minor::float8 AS refunded_minor, o.refunded_at, o.units_kept, o.attempt_id, a.provider_ref AS payment_ref
  FROM orders o LEFT JOIN payment_attempts a USING (attempt_id)
 WHERE o.order_id = $order_id
