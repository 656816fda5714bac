-- load-waiting: those who may be served now, in line order, at most $2 a SKU; of a closed sale, those who lapse.
--   A command that frees nothing, or is refused, must not hide those who fit what is free anyway: no term is below 0.
--   in  $1 sku_nos  $2 limit  and what the command may free: $3 units  $4 a reservation or null  $5 an order or null
SELECT i.sku_no, w.id, w.user_id, w.quantity, w.seq, w.ord
  FROM inventory i
 CROSS JOIN LATERAL (
   SELECT i.total_stock - i.reserved_count - i.sold_count + coalesce(sum(o.quantity), 0) + $3::int
          + greatest(0, coalesce((SELECT quantity FROM reservations WHERE id = $4::uuid), 0))
          + coalesce((SELECT quantity FROM orders WHERE order_id = $5::uuid), 0) AS units
     FROM (SELECT quantity FROM reservations r
            WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
            ORDER BY r.sku_no, r.expires_at
            LIMIT $2) o
 ) free
 CROSS JOIN LATERAL (
   SELECT * FROM waitlist w
    WHERE w.sku_no = i.sku_no
      AND (w.quantity <= free.units OR i.status = 'closed' OR i.closes_at <= statement_timestamp())
    ORDER BY w.sku_no, w.seq, w.ord
    LIMIT $2
 ) w
 WHERE i.sku_no = ANY($1::int[]) AND i.waitlisted > 0
 ORDER BY i.sku_no, w.seq, w.ord
