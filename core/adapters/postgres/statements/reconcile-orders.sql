-- reconcile-orders: orders of some SKUs whose money the provider must have, by age, for a comparison with the provider's list.
--   in   sku_nos, seconds: the age of the oldest; grace_seconds: a younger one may be missing in the list; after: the order id of
--        the page before; limit
SELECT order_id, attempt_id, sku_no
  FROM orders
 WHERE sku_no = ANY($sku_nos::int[]) AND status IN ('PENDING_CAPTURE', 'PAID', 'REFUNDED') AND order_id > $after
   AND created_at > clock_timestamp() - make_interval(secs => $seconds)
   AND created_at < clock_timestamp() - make_interval(secs => $grace_seconds)
 ORDER BY order_id
 LIMIT $limit
