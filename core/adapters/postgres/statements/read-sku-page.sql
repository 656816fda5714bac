-- read-sku-page: SKUs of the shop with their sales as they are now, oldest first.
--   in   after: the sku_no of the last one of the page before; limit
--   create_sku gives numbers in order: no SKU appears before one that was read.
SELECT {{sale-columns}}, {{product-columns}},
       microseconds(statement_timestamp()) AS now
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
 WHERE i.sku_no > $after::bigint
 ORDER BY i.sku_no
 LIMIT $limit
