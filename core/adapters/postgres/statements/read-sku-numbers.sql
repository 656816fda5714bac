-- read-sku-numbers: the sales that are not at rest, the newest first; or one sale, at rest or not
SELECT sku_id, sku_no
  FROM inventory
 WHERE CASE WHEN $sku_id::text IS NULL THEN resting_since IS NULL ELSE sku_id = $sku_id END
 ORDER BY sku_no DESC
 LIMIT $limit
