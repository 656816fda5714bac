-- report-ledger-before: the number of a SKU, and the balances of its sale before a moment.
--   in   sku_id, since (microseconds)
--   out  one row, with zeros when there was no entry before; no row when there is no such SKU
SELECT i.sku_no, coalesce(b.total_after, 0) AS total, coalesce(b.reserved_after, 0) AS reserved, coalesce(b.sold_after, 0) AS sold
  FROM inventory i
  LEFT JOIN LATERAL (
       SELECT total_after, reserved_after, sold_after
         FROM ledger l
        WHERE l.sku_no = i.sku_no AND l.at < instant($since::bigint)
        ORDER BY seq DESC
        LIMIT 1) b ON true
 WHERE i.sku_id = $sku_id
