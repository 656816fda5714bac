-- read-stock-health: units sold or held beyond the stock, by SKU, and units held longer than their time by more than $1 seconds; there should be
-- none. Only of sales in motion: a change, also one by hand, sets a sale in motion.
SELECT i.sku_no, i.mode, greatest(0, i.sold_count - i.total_stock, i.reserved_count + i.sold_count - i.total_stock) AS oversold,
       coalesce((SELECT sum(quantity) FROM reservations r
         WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at < statement_timestamp() - make_interval(secs => $1)), 0)::int AS overheld
  FROM inventory i
 WHERE i.resting_since IS NULL
