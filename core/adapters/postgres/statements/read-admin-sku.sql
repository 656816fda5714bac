-- read-admin-sku: a SKU as its administrator sees it, with its counters.
--   in  $1 sku_id  $2 topic of the requests
SELECT i.sku_no, i.sku_id, p.name, p.price_minor::float8 AS price_minor, p.currency, p.definition_hash, i.partition,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.per_user_limit, i.hold_seconds, i.waitlist_limit,
       i.max_unpaid_holds, i.status, i.mode, i.frozen, microseconds(i.opens_at)::float8 AS opens_at, microseconds(i.closes_at)::float8 AS closes_at,
       microseconds(statement_timestamp())::float8 AS now, i.seq, g.next_offset::float8 AS next_offset,
       EXISTS (SELECT FROM inventory o
                WHERE o.partition = i.partition AND o.sku_no <> i.sku_no
                  AND (o.status <> 'draft' OR o.opens_at <= statement_timestamp())) AS shares_partition,
       i.decided_reserved::float8 AS decided_reserved, i.decided_waitlisted::float8 AS decided_waitlisted,
       i.refused_sold_out::float8 AS "sold-out", i.refused_user_limit::float8 AS "user-limit-reached",
       i.refused_sale_not_open::float8 AS "sale-not-open", i.refused_sale_closed::float8 AS "sale-closed",
       i.refused_invalid::float8 AS invalid, i.refused_hold_limit::float8 AS "hold-limit-reached"
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
  LEFT JOIN partition_progress g ON g.topic = $2 AND g.partition = i.partition
 WHERE i.sku_id = $1
