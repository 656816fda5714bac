-- relay-entries: the next ledger entries of a SKU to publish, in order.
--   in  $1 sku_no  $2 published_seq  $3 limit
SELECT l.seq, l.kind, l.at, l.refused, l.moved, l.amount::float8 AS amount, l.total_after,
       i.sku_id, i.partition, i.hold_seconds
  FROM ledger l
  JOIN inventory i ON i.sku_no = l.sku_no
 WHERE l.sku_no = $1 AND l.seq > $2
 ORDER BY l.seq
 LIMIT $3
