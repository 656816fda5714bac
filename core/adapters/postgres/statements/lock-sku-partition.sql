-- lock-sku-partition: locks the partition of a SKU, for any watermark; a SKU never changes its partition.
--   in   sku_no
SELECT FROM partition_progress
 WHERE partition = (SELECT partition FROM inventory WHERE sku_no = $sku_no::int)
 ORDER BY topic
   FOR UPDATE
