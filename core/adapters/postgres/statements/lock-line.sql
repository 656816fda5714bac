-- lock-line: the lock of the line that a SKU's requests stand in, whatever its watermark is; partition and SKU never part.
--   in  $1 sku_no
SELECT FROM partition_progress
 WHERE partition = (SELECT partition FROM inventory WHERE sku_no = $1::int)
 ORDER BY topic
   FOR UPDATE
