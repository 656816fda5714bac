-- pay-read-orders: a shopper's orders, newest first.
--   in   $1 user_id  $2 how many at most  $3 moment in microseconds and $4 order_id of the last one before, or null for the first page
SELECT order_id, reservation_id, sku_id, quantity, amount_minor::float8 AS amount_minor, currency, status, created_at,
       microseconds(created_at)::float8 AS at
  FROM orders
 WHERE user_id = $1
   AND ($3::bigint IS NULL OR created_at <= instant($3::bigint) AND (created_at < instant($3::bigint) OR order_id > $4::uuid))
 ORDER BY created_at DESC, order_id
 LIMIT $2
