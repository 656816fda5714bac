-- read-sales-in-motion: the sales in motion, first those with holds or waitlist entries, and of these the last that moved.
--   in   still_seconds
--   out  is_still: nothing is held, nobody waits, every event is published, and nothing has moved for still_seconds
SELECT {{sale-columns}},
       microseconds(statement_timestamp()) AS now,
       i.reserved_count = 0 AND i.waitlisted = 0 AND i.seq = coalesce(e.published_seq, i.seq)
         AND i.ledger_at < statement_timestamp() - make_interval(secs => $still_seconds) AS is_still
  FROM inventory i
  LEFT JOIN event_progress e ON e.sku_no = i.sku_no
 WHERE i.resting_since IS NULL
 ORDER BY i.reserved_count + i.waitlisted > 0 DESC, i.ledger_at DESC, i.sku_no
