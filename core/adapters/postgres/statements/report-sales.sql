-- report-sales: the named sales; without names those with stock that closed or sold out in a
-- window, the last one first.
--   in   sku_ids, since and until (microseconds; the end is not included), limit
--   out  one row a sale, with its counters, its moments, and the number of all sales found
--   The ledger is read only for sales that were named, or had an entry or a closing time since the beginning of the window.
SELECT i.sku_no, i.sku_id, p.name, p.price_minor::float8 AS price_minor, p.currency, i.status, i.mode,
       microseconds(i.opens_at)::float8 AS opens_at, microseconds(i.closes_at)::float8 AS closes_at,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted,
       i.decided_reserved::float8 AS decided_reserved, i.decided_waitlisted::float8 AS decided_waitlisted,
       i.refused_sold_out::float8 AS "sold-out", i.refused_user_limit::float8 AS "user-limit-reached",
       i.refused_sale_not_open::float8 AS "sale-not-open", i.refused_sale_closed::float8 AS "sale-closed",
       i.refused_invalid::float8 AS invalid, i.refused_hold_limit::float8 AS "hold-limit-reached",
       (SELECT count(*) FROM user_holdings h WHERE h.sku_no = i.sku_no AND h.units > 0)::float8 AS accounts,
       i.seq, encode(i.head_hash, 'hex') AS head_hash,
       microseconds(moments.opened)::float8 AS opened_at, microseconds(moments.closed)::float8 AS closed_at,
       microseconds(moments.sold_out)::float8 AS sold_out_at, microseconds(moments.last)::float8 AS last_entry_at,
       microseconds(statement_timestamp())::float8 AS now, (count(*) OVER ())::int AS found
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
 CROSS JOIN LATERAL (
       SELECT min(at) FILTER (WHERE kind = 'opened') AS opened,
              max(at) FILTER (WHERE kind = 'closed') AS closed,
              min(at) FILTER (WHERE total_after > 0 AND reserved_after + sold_after >= total_after) AS sold_out,
              max(at) AS last
         FROM ledger l
        WHERE l.sku_no = i.sku_no) moments
 WHERE i.seq > 0
   AND (i.sku_id = ANY($sku_ids::text[])
        OR (cardinality($sku_ids::text[]) = 0 AND i.total_stock > 0
            AND (i.ledger_at >= instant($since::bigint) OR i.closes_at >= instant($since::bigint))
            AND (moments.closed >= instant($since::bigint) AND moments.closed < instant($until::bigint)
                 OR i.closes_at >= instant($since::bigint) AND i.closes_at < least(instant($until::bigint), statement_timestamp())
                 OR moments.sold_out >= instant($since::bigint) AND moments.sold_out < instant($until::bigint))))
 ORDER BY moments.last DESC, i.sku_no
 LIMIT $limit::int
