-- relay-pick: SKUs whose ledger is ahead of what is published; without locks.
SELECT e.sku_no FROM event_progress e JOIN inventory i ON i.sku_no = e.sku_no WHERE i.seq > e.published_seq ORDER BY e.sku_no
