-- reconcile-skus: the SKUs of these names, or those whose ledger grew lately.
--   in   sku_ids (null: those whose ledger grew within `seconds`), seconds, limit
--   out  sku_no, sku_id
SELECT sku_no, sku_id FROM inventory
 WHERE CASE WHEN $sku_ids::text[] IS NULL THEN ledger_at > clock_timestamp() - make_interval(secs => $seconds) ELSE sku_id = ANY($sku_ids) END
 ORDER BY sku_no
 LIMIT $limit
