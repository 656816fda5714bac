-- read-relay-lag: the age in milliseconds of the oldest ledger entry that is not published, 0 when there is none. A sale comes to
-- rest only after its last entry is published.
SELECT coalesce(max(extract(epoch FROM statement_timestamp() - l.at) * 1000), 0)::float8 AS lag_ms
  FROM inventory i
  JOIN event_progress e ON e.sku_no = i.sku_no
  JOIN ledger l ON l.sku_no = e.sku_no AND l.seq = e.published_seq + 1
 WHERE i.resting_since IS NULL
