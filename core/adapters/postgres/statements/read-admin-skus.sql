-- read-admin-skus: SKUs as their administrator sees them, oldest first.
--   in  $1 the sku_no of the last one before  $2 how many at most  $3 only of this shown status, or null for all
SELECT i.sku_no, i.sku_id, p.name, p.price_minor::float8 AS price_minor, p.currency,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds,
       i.status, i.mode, i.frozen, microseconds(i.opens_at)::float8 AS opens_at, microseconds(i.closes_at)::float8 AS closes_at,
       microseconds(statement_timestamp())::float8 AS now, i.seq
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
 WHERE i.sku_no > $1::bigint
   AND ($3::text IS NULL OR $3 = CASE
         WHEN i.mode = 'halted' THEN 'halted'
         WHEN i.status = 'closed' OR i.closes_at <= statement_timestamp() THEN 'closed'
         WHEN i.status = 'open' OR i.opens_at <= statement_timestamp() THEN 'open'
         ELSE 'draft' END)
 ORDER BY i.sku_no
 LIMIT $2
