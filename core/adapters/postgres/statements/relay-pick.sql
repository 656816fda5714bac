-- relay-pick: SKUs whose ledger is ahead of what is published and whose turn is free, the one with the oldest unpublished entry first.
--   locks nothing
SELECT e.sku_no, i.partition
  FROM event_progress e
  JOIN inventory i ON i.sku_no = e.sku_no
  LEFT JOIN ledger l ON l.sku_no = e.sku_no AND l.seq = e.published_seq + 1
 WHERE i.seq > e.published_seq
   AND (e.claimed_until IS NULL OR e.claimed_until <= clock_timestamp())
 ORDER BY l.at, e.sku_no
