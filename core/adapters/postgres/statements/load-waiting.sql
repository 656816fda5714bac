-- load-waiting: the waitlist entries that may get units now, in waitlist order; of a closed sale, the entries that lapse. And of
-- the entries that want more than there is, the first that could be served from what is not sold, because it may be next in turn:
-- one for each outcome of the command, which changes what is sold or the stock.
--   A command that frees nothing, or is refused, must not hide the entries that fit into what is free anyway: no term is below 0.
--   in   sku_nos, the limit of entries for each SKU, and what the command may free: units (below 0: it takes units),
--        reservation_id or null, order_id or null
SELECT i.sku_no, w.id, w.user_id, w.quantity, w.seq, w.ord, w.passed
  FROM inventory i
 CROSS JOIN LATERAL (
   SELECT i.total_stock - i.reserved_count - i.sold_count + coalesce(sum(o.quantity), 0) + greatest(0, $units::int)
          + greatest(0, coalesce((SELECT quantity FROM reservations WHERE id = $reservation_id::uuid), 0))
          + coalesce((SELECT quantity FROM orders WHERE order_id = $order_id::uuid), 0) AS units,
          i.total_stock - i.sold_count + least(0, $units::int) AS least_unsold,
          i.total_stock - i.sold_count + greatest(0, $units::int)
          + coalesce((SELECT quantity FROM orders WHERE order_id = $order_id::uuid), 0) AS most_unsold,
          (i.status = 'closed' OR i.closes_at <= statement_timestamp()) IS TRUE AS closed
     FROM (SELECT quantity FROM reservations r
            WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
            ORDER BY r.sku_no, r.expires_at
            LIMIT $limit) o
 ) free
 CROSS JOIN LATERAL (
   (SELECT * FROM waitlist w
     WHERE w.sku_no = i.sku_no AND (w.quantity <= free.units OR free.closed)
     ORDER BY w.sku_no, w.seq, w.ord
     LIMIT $limit)
   UNION ALL
   (SELECT * FROM waitlist w
     WHERE w.sku_no = i.sku_no AND w.quantity > free.units AND w.quantity <= free.least_unsold
       AND free.least_unsold > free.units AND NOT free.closed
     ORDER BY w.sku_no, w.seq, w.ord
     LIMIT 1)
   UNION ALL
   (SELECT * FROM waitlist w
     WHERE w.sku_no = i.sku_no AND w.quantity > greatest(free.units, free.least_unsold) AND w.quantity <= free.most_unsold
       AND free.most_unsold > greatest(free.units, free.least_unsold) AND NOT free.closed
     ORDER BY w.sku_no, w.seq, w.ord
     LIMIT 1)
 ) w
 WHERE i.sku_no = ANY($sku_nos::int[]) AND i.waitlisted > 0
 ORDER BY i.sku_no, w.seq, w.ord
