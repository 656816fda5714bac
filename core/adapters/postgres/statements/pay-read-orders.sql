-- pay-read-orders: the orders of a shopper, newest first.
--   in   user_id, limit, and of the last order of the page before: after_at (microseconds) and after_order_id; null for the first
--        page
SELECT {{order-columns}}, microseconds(o.created_at)::float8 AS at
  FROM (SELECT * FROM orders
         WHERE user_id = $user_id
           AND ($after_at::bigint IS NULL OR created_at <= instant($after_at::bigint) AND (created_at < instant($after_at::bigint) OR order_id > $after_order_id::uuid))
         ORDER BY created_at DESC, order_id
         LIMIT $limit) o
  LEFT JOIN LATERAL (SELECT r.state FROM refunds r WHERE r.order_id = o.order_id AND r.origin <> 'dispute'
                      ORDER BY r.requested_at DESC, r.refund_id LIMIT 1) f ON true
 ORDER BY o.created_at DESC, o.order_id
