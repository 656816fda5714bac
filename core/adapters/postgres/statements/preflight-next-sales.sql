-- preflight-next-sales: the sales that open next.
--   in   limit
--   out  their SKUs, the soonest first
SELECT sku_id FROM inventory
 WHERE status = 'draft' AND opens_at > statement_timestamp()
 ORDER BY opens_at, sku_no
 LIMIT $limit
