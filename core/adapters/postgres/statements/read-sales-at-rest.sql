-- read-sales-at-rest: the next sales at rest that are not closed.
--   in  $1 partition and $2 sku_no of the last one before  $3 how many at most
SELECT i.sku_no, i.partition, i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds, i.status, i.mode, i.resume_mode, i.frozen, i.epoch,
       microseconds(i.opens_at) AS opens_at, microseconds(i.closes_at) AS closes_at,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.seq,
       microseconds(statement_timestamp()) AS now
  FROM inventory i
 WHERE i.status <> 'closed' AND i.resting_since IS NOT NULL AND (i.partition, i.sku_no) > ($1::integer, $2::integer)
 ORDER BY i.partition, i.sku_no
 LIMIT $3
