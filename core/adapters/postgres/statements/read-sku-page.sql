-- read-sku-page: SKUs of the shop with their sales as they are now, oldest first.
--   in  $1 the sku_no of the last one before  $2 how many at most
--   Numbers are given one after the other (create_sku): no SKU appears before one that was read.
SELECT i.sku_no, i.sku_id, p.name, p.price_minor::float8 AS price_minor, p.currency, i.partition,
       i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds, i.status, i.mode, i.resume_mode, i.frozen, i.epoch,
       microseconds(i.opens_at) AS opens_at, microseconds(i.closes_at) AS closes_at,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.seq,
       microseconds(statement_timestamp()) AS now
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
 WHERE i.sku_no > $1::bigint
 ORDER BY i.sku_no
 LIMIT $2
