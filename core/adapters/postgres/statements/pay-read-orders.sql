-- pay-read-orders: a shopper's orders, newest first.
--   in   $1 user_id  $2 how many at most
SELECT order_id, reservation_id, sku_id, quantity, amount_minor::float8 AS amount_minor, currency, status, created_at
  FROM orders
 WHERE user_id = $1
 ORDER BY created_at DESC, order_id
 LIMIT $2
