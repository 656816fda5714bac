-- pay-read-order: one order, if it belongs to the shopper.
--   in   order_id, user_id
SELECT order_id, reservation_id, sku_id, quantity, amount_minor::float8 AS amount_minor, currency, status, created_at
  FROM orders
 WHERE order_id = $order_id AND user_id = $user_id
