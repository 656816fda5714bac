-- read-moving-skus: the SKUs in motion and their partitions, the last that moved first.
SELECT sku_id, partition FROM inventory WHERE resting_since IS NULL ORDER BY ledger_at DESC, sku_no
