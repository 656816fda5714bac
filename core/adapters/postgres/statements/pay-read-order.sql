-- pay-read-order: one order, if it belongs to the shopper.
--   in   order_id, user_id
SELECT {{order-columns}}
  FROM orders o
  LEFT JOIN LATERAL (SELECT r.state FROM refunds r WHERE r.order_id = o.order_id AND r.origin <> 'dispute'
                      ORDER BY r.requested_at DESC, r.refund_id LIMIT 1) f ON true
 WHERE o.order_id = $order_id AND o.user_id = $user_id
