-- read-admin-skus: SKUs for their administrator, oldest first.
--   in   after: the sku_no of the last one of the page before; limit; status: the shown status, or null for all
SELECT {{admin-sku-columns}}
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
 WHERE i.sku_no > $after::bigint
   AND ($status::text IS NULL OR $status = CASE
         WHEN i.mode = 'halted' THEN 'halted'
         WHEN i.status = 'closed' OR i.closes_at <= statement_timestamp() THEN 'closed'
         WHEN i.status = 'open' OR i.opens_at <= statement_timestamp() THEN 'open'
         ELSE 'draft' END)
 ORDER BY i.sku_no
 LIMIT $limit
