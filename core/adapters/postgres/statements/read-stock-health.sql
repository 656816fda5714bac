-- read-stock-health: units sold or held beyond the stock, and units held longer than their time by more than $1 seconds; both should be 0.
SELECT coalesce((SELECT sum(greatest(0, sold_count - total_stock, reserved_count + sold_count - total_stock)) FROM inventory), 0)::int AS oversold,
       coalesce((SELECT sum(o.quantity) FROM inventory i CROSS JOIN LATERAL (
         SELECT quantity FROM reservations r
          WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at < statement_timestamp() - make_interval(secs => $1)) o), 0)::int AS overheld
