-- read-relay-lag: age in milliseconds of the oldest ledger entry that is not published yet, 0 when there is none.
SELECT coalesce(max(extract(epoch FROM statement_timestamp() - l.at) * 1000), 0)::float8 AS lag_ms
  FROM event_progress e JOIN ledger l ON l.sku_no = e.sku_no AND l.seq = e.published_seq + 1
