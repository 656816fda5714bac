-- read-sku-places: the names of SKUs, and the partitions of their requests.
--   in   SKU numbers
--   out  one row for each that exists
SELECT sku_no, sku_id, partition FROM inventory WHERE sku_no = ANY ($sku_nos::integer[])
