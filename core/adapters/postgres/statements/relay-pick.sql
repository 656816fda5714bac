-- relay-pick: SKUs whose ledger has unpublished entries and whose turn is free, the one with the oldest unpublished entry first.
-- A sale comes to rest only after its last entry is published.
--   locks  nothing
SELECT i.sku_no, i.partition
  FROM inventory i
  JOIN event_progress e ON e.sku_no = i.sku_no
  LEFT JOIN ledger l ON l.sku_no = e.sku_no AND l.seq = e.published_seq + 1
 WHERE i.resting_since IS NULL AND i.seq > e.published_seq
   AND (e.claimed_until IS NULL OR e.claimed_until <= clock_timestamp())
 ORDER BY l.at, i.sku_no
