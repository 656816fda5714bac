-- read-named-skus: those of some SKUs that exist, for the shop, with their sales as they are now.
--   in   sku_ids
SELECT {{sale-columns}}, {{product-columns}},
       {{stage-limits}},
       microseconds(statement_timestamp()) AS now
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
 WHERE i.sku_id = ANY($sku_ids::text[])
