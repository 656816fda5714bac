-- pay-read-order: one order, if it is the shopper's.
--   in   $1 order_id  $2 user_id
SELECT order_id, reservation_id, sku_id, quantity, amount_minor::float8 AS amount_minor, currency, status, created_at
  FROM orders
 WHERE order_id = $1 AND user_id = $2
