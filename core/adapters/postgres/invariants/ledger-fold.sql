-- Invariants 2 and 16: every entry moves units as its kind says, and the fold of the ledger is the table.
WITH moves AS (
  SELECT l.*, total_after - lag(total_after, 1, 0) OVER chain AS d_total, reserved_after - lag(reserved_after, 1, 0) OVER chain AS d_reserved,
         sold_after - lag(sold_after, 1, 0) OVER chain AS d_sold
    FROM ledger l WINDOW chain AS (PARTITION BY sku_no ORDER BY seq)
), units AS (
  SELECT m.sku_no, m.seq, coalesce(sum(r.quantity), 0) AS quantity
    FROM moves m CROSS JOIN LATERAL unnest(m.moved) AS u (id) LEFT JOIN reservations r ON r.id = u.id
   GROUP BY m.sku_no, m.seq
), waited AS (
  SELECT m.sku_no, m.seq, coalesce(sum(r.quantity), 0) AS quantity
    FROM moves m CROSS JOIN LATERAL unnest(m.moved) AS u (id) JOIN reservations r ON r.id = u.id
   WHERE m.kind = 'cancelled' AND r.outcome = 2
     AND NOT EXISTS (SELECT FROM ledger p WHERE p.sku_no = m.sku_no AND p.kind = 'promoted' AND p.seq < m.seq AND r.id = ANY(p.moved))
   GROUP BY m.sku_no, m.seq
)
SELECT format('SKU %s seq %s (%s) moved total %s, reserved %s, sold %s', m.sku_no, m.seq, m.kind, d_total, d_reserved, d_sold) AS violation
  FROM moves m LEFT JOIN units u USING (sku_no, seq) LEFT JOIN waited w USING (sku_no, seq)
 WHERE (d_total, d_reserved, d_sold) IS DISTINCT FROM (CASE kind
         WHEN 'decided' THEN (0, m.amount::int, 0)
         WHEN 'promoted' THEN (0, u.quantity::int, 0)
         WHEN 'expired' THEN (0, -u.quantity::int, 0)
         WHEN 'cancelled' THEN (0, -(u.quantity - coalesce(w.quantity, 0))::int, 0)
         WHEN 'confirmed' THEN (0, -u.quantity::int, u.quantity::int)
         WHEN 'payment_failed' THEN (0, 0, -u.quantity::int)
         WHEN 'refunded' THEN (0, 0, -u.quantity::int)
         WHEN 'restocked' THEN (m.amount::int, 0, 0)
         ELSE (0, 0, 0) END)
UNION ALL
SELECT format('SKU %s: the ledger ends at %s/%s/%s, the table says %s/%s/%s', i.sku_id, l.total_after, l.reserved_after, l.sold_after,
              i.total_stock, i.reserved_count, i.sold_count)
  FROM inventory i JOIN ledger l ON l.sku_no = i.sku_no AND l.seq = i.seq
 WHERE (l.total_after, l.reserved_after, l.sold_after) IS DISTINCT FROM (i.total_stock, i.reserved_count, i.sold_count)
