-- read-accepting-sales: the sales that put requests into the queue, now or within a quarter of an hour.
--   out  their SKUs, at most 20
SELECT sku_id FROM inventory
 WHERE mode = 'batch'
   AND (status = 'open' OR status = 'draft' AND opens_at <= statement_timestamp() + interval '15 minutes')
   AND (closes_at IS NULL OR closes_at > statement_timestamp())
 ORDER BY sku_no LIMIT 20
