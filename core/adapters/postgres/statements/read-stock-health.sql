-- read-stock-health: for each SKU the units that are sold or held beyond the stock, and the units that are held more than
-- grace_seconds after the end of their hold; there should be none. Only of sales in motion: every change, also by hand, puts a
-- sale in motion.
--   in   grace_seconds
SELECT i.sku_no, i.mode, greatest(0, i.sold_count - i.total_stock, i.reserved_count + i.sold_count - i.total_stock) AS oversold,
       coalesce((SELECT sum(quantity) FROM reservations r
         WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at < statement_timestamp() - make_interval(secs => $grace_seconds)), 0)::int AS overheld
  FROM inventory i
 WHERE i.resting_since IS NULL
