-- read-stock-health: for each SKU the units that should not be as they are; there should be none. Only of sales in motion: every
-- change, also by hand, puts a sale in motion.
--   in   grace_seconds; with_sold: whether the units that are sold are counted, too, which reads every accepted reservation
--   out  oversold: sold or held beyond the stock; overheld: held more than grace_seconds after the end of their hold; leaked: the
--        difference between the counters of the SKU and its rows, in either direction. One statement has one snapshot, and a
--        transaction changes counters and rows together.
SELECT i.sku_no, i.sku_id, i.partition, i.status, i.mode,
       microseconds(i.opens_at)::float8 AS opens_at, microseconds(i.closes_at)::float8 AS closes_at,
       microseconds(statement_timestamp())::float8 AS now,
       i.total_stock - i.reserved_count - i.sold_count AS available,
       greatest(0, i.sold_count - i.total_stock, i.reserved_count + i.sold_count - i.total_stock) AS oversold,
       h.overheld::int AS overheld,
       (abs(i.reserved_count - h.held) + coalesce(abs(i.sold_count - s.sold), 0))::int AS leaked
  FROM inventory i
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(quantity), 0) AS held,
          coalesce(sum(quantity) FILTER (WHERE expires_at < statement_timestamp() - make_interval(secs => $grace_seconds)), 0) AS overheld
     FROM reservations r WHERE r.sku_no = i.sku_no AND r.state = 1
 ) h
  LEFT JOIN LATERAL (
   SELECT coalesce(sum(r.quantity), 0)
          - coalesce((SELECT sum(o.quantity) FROM orders o WHERE o.sku_no = i.sku_no
                         AND (o.status = 'FAILED' OR o.status = 'REFUNDED' AND NOT o.units_kept)), 0) AS sold
     FROM reservations r WHERE r.sku_no = i.sku_no AND r.outcome <= 2 AND r.state = 3
 ) s ON $with_sold::boolean
 WHERE i.resting_since IS NULL
 ORDER BY i.ledger_at DESC, i.sku_no
