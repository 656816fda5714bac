-- read-sales: every sale as it is now, with how far its partition has come.
--   in  $1 topic of the requests
SELECT i.sku_no, i.partition, i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds, i.status, i.mode, i.resume_mode, i.frozen, i.epoch,
       microseconds(i.opens_at) AS opens_at, microseconds(i.closes_at) AS closes_at,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.seq,
       microseconds(statement_timestamp()) AS now, p.next_offset::float8 AS next_offset
  FROM inventory i
  LEFT JOIN partition_progress p ON p.topic = $1 AND p.partition = i.partition
