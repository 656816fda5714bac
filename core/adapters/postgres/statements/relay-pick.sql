-- relay-pick: SKUs whose ledger is ahead of what is published; without locks. A sale rests only once its last entry is published.
SELECT i.sku_no FROM inventory i JOIN event_progress e ON e.sku_no = i.sku_no
 WHERE i.resting_since IS NULL AND i.seq > e.published_seq
 ORDER BY i.sku_no
