-- read-sales-at-rest: the next sales at rest that are not closed.
--   in   partition and sku_no of the last one of the page before, limit
SELECT {{sale-columns}},
       microseconds(statement_timestamp()) AS now
  FROM inventory i
 WHERE i.status <> 'closed' AND i.resting_since IS NOT NULL AND (i.partition, i.sku_no) > ($after_partition::integer, $after_sku_no::integer)
 ORDER BY i.partition, i.sku_no
 LIMIT $limit
