-- Invariant 11: nobody waits for units that are free and would do; of a closed sale nobody waits for long.
SELECT format('SKU %s has %s free units and somebody waits for %s', i.sku_id, i.total_stock - i.reserved_count - i.sold_count, w.quantity) AS violation
  FROM inventory i CROSS JOIN LATERAL (SELECT min(quantity) AS quantity FROM waitlist w WHERE w.sku_no = i.sku_no) w
 WHERE w.quantity <= i.total_stock - i.reserved_count - i.sold_count AND i.status <> 'closed'
   AND coalesce(i.closes_at > statement_timestamp(), true)
UNION ALL
SELECT format('SKU %s is closed and somebody still waits', i.sku_id)
  FROM inventory i
 WHERE i.waitlisted > 0 AND i.ledger_at < statement_timestamp() - interval '15 seconds'
   AND (i.status = 'closed' OR i.closes_at < statement_timestamp() - interval '15 seconds')
