-- relay-entries: the next ledger entries of a SKU to publish, in order: at least one, then as many as stay within a number of
-- events.
--   in   sku_no, published_seq, max_entries, max_events
--   The events of an entry are estimated from the size of its lists (16 bytes an id): to count the ids PostgreSQL would read all
--   of them.
WITH next AS (
  SELECT l.seq, l.kind, l.at, l.refused, l.moved, l.amount, l.total_after,
         sum(1 + (pg_column_size(l.accepted) + pg_column_size(l.moved)) / 16) OVER (ORDER BY l.seq) AS events
    FROM ledger l
   WHERE l.sku_no = $sku_no AND l.seq > $published_seq
   ORDER BY l.seq
   LIMIT $max_entries
)
SELECT n.seq, n.kind, n.at, n.refused, n.moved, n.amount::float8 AS amount, n.total_after, i.sku_id, i.partition, i.hold_seconds
  FROM next n
  JOIN inventory i ON i.sku_no = $sku_no
 WHERE n.events <= $max_events OR n.seq = (SELECT min(seq) FROM next)
 ORDER BY n.seq
