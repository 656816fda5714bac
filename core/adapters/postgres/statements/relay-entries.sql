-- relay-entries: the next ledger entries of a SKU to publish, in order: at least one, then as many as stay within a number of events.
--   in  $1 sku_no  $2 published_seq  $3 entries at most  $4 events at most
--   The events of an entry are estimated from the size of its lists (16 bytes an id): counting the ids would read all of them.
WITH next AS (
  SELECT l.seq, l.kind, l.at, l.refused, l.moved, l.amount, l.total_after,
         sum(1 + (pg_column_size(l.accepted) + pg_column_size(l.moved)) / 16) OVER (ORDER BY l.seq) AS events
    FROM ledger l
   WHERE l.sku_no = $1 AND l.seq > $2
   ORDER BY l.seq
   LIMIT $3
)
SELECT n.seq, n.kind, n.at, n.refused, n.moved, n.amount::float8 AS amount, n.total_after, i.sku_id, i.partition, i.hold_seconds
  FROM next n
  JOIN inventory i ON i.sku_no = $1
 WHERE n.events <= $4 OR n.seq = (SELECT min(seq) FROM next)
 ORDER BY n.seq
