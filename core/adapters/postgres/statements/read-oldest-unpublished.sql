-- read-oldest-unpublished: the oldest ledger entry that is not published; no row when every entry is. A sale comes to rest only
-- after its last entry is published.
SELECT i.sku_id, l.seq, l.kind, extract(epoch FROM statement_timestamp() - l.at)::float8 * 1000 AS age_ms
  FROM inventory i
  JOIN event_progress e ON e.sku_no = i.sku_no
  JOIN ledger l ON l.sku_no = e.sku_no AND l.seq = e.published_seq + 1
 WHERE i.resting_since IS NULL
 ORDER BY l.at
 LIMIT 1
