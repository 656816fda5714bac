-- pay-read-orders: the orders of a shopper, newest first.
--   in   user_id, limit, and of the last order of the page before: after_at (microseconds) and after_order_id; null for the first
--        page
SELECT order_id, reservation_id, sku_id, quantity, amount_minor::float8 AS amount_minor, currency, status, created_at,
       microseconds(created_at)::float8 AS at
  FROM orders
 WHERE user_id = $user_id
   AND ($after_at::bigint IS NULL OR created_at <= instant($after_at::bigint) AND (created_at < instant($after_at::bigint) OR order_id > $after_order_id::uuid))
 ORDER BY created_at DESC, order_id
 LIMIT $limit
