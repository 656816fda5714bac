-- lock-inventory: locks sales in SKU order and reads them as they are after the wait.
--   in   sku_nos
--   out  one row for each SKU that exists
--   It reads no other table: PostgreSQL would read that as of before the wait.
SELECT {{sale-columns}}, i.sku_id
  FROM inventory i
 WHERE i.sku_no = ANY($sku_nos::int[])
 ORDER BY i.sku_no
   FOR UPDATE
