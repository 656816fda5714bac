-- Invariant 11: no entry waits for units that are free and suffice, unless they are kept for an earlier entry that was passed too
-- often. No entry of a closed sale waits for long.
SELECT format('SKU %s has %s free units and somebody waits for %s', i.sku_id, i.total_stock - i.reserved_count - i.sold_count, w.quantity) AS violation
  FROM inventory i
 CROSS JOIN LATERAL (SELECT seq, ord, quantity FROM waitlist w
                      WHERE w.sku_no = i.sku_no AND w.quantity <= i.total_stock - i.reserved_count - i.sold_count
                      ORDER BY w.sku_no, w.seq, w.ord LIMIT 1) w
 WHERE i.status <> 'closed' AND coalesce(i.closes_at > statement_timestamp(), true)
   AND NOT EXISTS (SELECT FROM waitlist e WHERE e.sku_no = i.sku_no AND (e.seq, e.ord) < (w.seq, w.ord)
                      AND e.passed >= max_passed() AND e.quantity <= i.total_stock - i.sold_count)
UNION ALL
SELECT format('SKU %s is closed and somebody still waits', i.sku_id)
  FROM inventory i
 WHERE i.waitlisted > 0 AND i.ledger_at < statement_timestamp() - interval '15 seconds'
   AND (i.status = 'closed' OR i.closes_at < statement_timestamp() - interval '15 seconds')
