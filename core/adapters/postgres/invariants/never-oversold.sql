-- Invariants 1 and 19: reserved + sold <= total, now and after every ledger entry there ever was.
SELECT format('SKU %s holds %s and sold %s of %s', sku_id, reserved_count, sold_count, total_stock) AS violation
  FROM inventory
 WHERE reserved_count < 0 OR sold_count < 0 OR reserved_count + sold_count > total_stock
UNION ALL
SELECT format('SKU %s at seq %s held %s and sold %s of %s', sku_no, seq, reserved_after, sold_after, total_after)
  FROM ledger
 WHERE reserved_after < 0 OR sold_after < 0 OR reserved_after + sold_after > total_after
