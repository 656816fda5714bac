-- read-oversold: the orders of a SKU that are above its total, the newest first: as many as cover the units above it.
--   in   sku_id, limit
--   out  the counters of the SKU in every row; the columns of an order are null in a single row when there is none
--   Orders whose units are back in stock, or whose money went back, are left out: nothing more can go back.
SELECT i.total_stock, i.reserved_count, i.sold_count, greatest(0, i.reserved_count + i.sold_count - i.total_stock) AS excess,
       statement_timestamp() AS planned_at,
       o.order_id, o.quantity, (o.amount_minor - o.refunded_minor)::float8 AS amount_minor, o.currency, o.status, o.created_at,
       o.units_before::int AS units_before
  FROM inventory i
  LEFT JOIN LATERAL (
    SELECT p.*, sum(p.quantity) OVER (ORDER BY p.created_at DESC, p.order_id DESC) - p.quantity AS units_before
      FROM orders p WHERE p.sku_no = i.sku_no AND p.status IN ('PENDING_CAPTURE', 'PAID')
  ) o ON o.units_before < i.reserved_count + i.sold_count - i.total_stock
 WHERE i.sku_id = $sku_id
 ORDER BY o.units_before
 LIMIT $limit
