-- read-sales-in-motion: the sales in motion, first those with holds or waiters, and of these the ones that moved last.
--   in   $1 seconds
--   out  is_still: nothing is held, nobody waits, every event is published, and nothing has moved for $1 seconds
SELECT i.sku_no, i.partition, i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds, i.status, i.mode, i.resume_mode, i.frozen, i.epoch,
       microseconds(i.opens_at) AS opens_at, microseconds(i.closes_at) AS closes_at,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.seq,
       microseconds(statement_timestamp()) AS now,
       i.reserved_count = 0 AND i.waitlisted = 0 AND i.seq = coalesce(e.published_seq, i.seq)
         AND i.ledger_at < statement_timestamp() - make_interval(secs => $1) AS is_still
  FROM inventory i
  LEFT JOIN event_progress e ON e.sku_no = i.sku_no
 WHERE i.resting_since IS NULL
 ORDER BY i.reserved_count + i.waitlisted > 0 DESC, i.ledger_at DESC, i.sku_no
