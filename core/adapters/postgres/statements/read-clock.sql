-- read-clock: the moment of the decision: after the locks, never before the last ledger entry.
--   in  $1 sku_nos
SELECT microseconds(greatest(clock_timestamp(), max(ledger_at))) AS now
  FROM inventory
 WHERE sku_no = ANY($1::int[])
