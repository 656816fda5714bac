-- load-waiting: those who may be served now, in line order, at most $2 a SKU; of a closed sale, those who lapse. And of those for whom there is
-- not enough, the first that could be served from what is not sold, for it may be the next to whom units go: one for either outcome of the
-- command, which moves what is sold or the stock.
--   A command that frees nothing, or is refused, must not hide those who fit what is free anyway: no term is below 0.
--   in  $1 sku_nos  $2 limit  and what the command may free: $3 units (below 0: takes)  $4 a reservation or null  $5 an order or null
SELECT i.sku_no, w.id, w.user_id, w.quantity, w.seq, w.ord, w.passed
  FROM inventory i
 CROSS JOIN LATERAL (
   SELECT i.total_stock - i.reserved_count - i.sold_count + coalesce(sum(o.quantity), 0) + greatest(0, $3::int)
          + greatest(0, coalesce((SELECT quantity FROM reservations WHERE id = $4::uuid), 0))
          + coalesce((SELECT quantity FROM orders WHERE order_id = $5::uuid), 0) AS units,
          i.total_stock - i.sold_count + least(0, $3::int) AS least_unsold,
          i.total_stock - i.sold_count + greatest(0, $3::int)
          + coalesce((SELECT quantity FROM orders WHERE order_id = $5::uuid), 0) AS most_unsold,
          (i.status = 'closed' OR i.closes_at <= statement_timestamp()) IS TRUE AS closed
     FROM (SELECT quantity FROM reservations r
            WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
            ORDER BY r.sku_no, r.expires_at
            LIMIT $2) o
 ) free
 CROSS JOIN LATERAL (
   (SELECT * FROM waitlist w
     WHERE w.sku_no = i.sku_no AND (w.quantity <= free.units OR free.closed)
     ORDER BY w.sku_no, w.seq, w.ord
     LIMIT $2)
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
 WHERE i.sku_no = ANY($1::int[]) AND i.waitlisted > 0
 ORDER BY i.sku_no, w.seq, w.ord
