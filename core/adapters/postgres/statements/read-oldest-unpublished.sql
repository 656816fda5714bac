-- read-oldest-unpublished: the oldest ledger entry that is not published yet; no row when everything is.
SELECT i.sku_id, l.seq, l.kind, extract(epoch FROM statement_timestamp() - l.at)::float8 * 1000 AS age_ms
  FROM event_progress e
  JOIN ledger l ON l.sku_no = e.sku_no AND l.seq = e.published_seq + 1
  JOIN inventory i ON i.sku_no = e.sku_no
 ORDER BY l.at
 LIMIT 1
