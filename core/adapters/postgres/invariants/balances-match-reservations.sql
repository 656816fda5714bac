-- Invariant 1: reserved and sold are the sums of the reservations in these states, less what was revoked.
WITH held AS (
  SELECT sku_no, coalesce(sum(quantity) FILTER (WHERE state = 1), 0) AS reserved,
         coalesce(sum(quantity) FILTER (WHERE state = 3), 0) AS confirmed
    FROM reservations WHERE outcome <= 2 GROUP BY sku_no
), revoked AS (
  SELECT sku_no, sum(quantity) AS units FROM orders WHERE status = 'FAILED' OR status = 'REFUNDED' AND NOT units_kept GROUP BY sku_no
)
SELECT format('SKU %s counts %s reserved and %s sold, its reservations are %s and %s', i.sku_id, i.reserved_count, i.sold_count,
              coalesce(h.reserved, 0), coalesce(h.confirmed, 0) - coalesce(v.units, 0)) AS violation
  FROM inventory i LEFT JOIN held h USING (sku_no) LEFT JOIN revoked v USING (sku_no)
 WHERE i.reserved_count <> coalesce(h.reserved, 0) OR i.sold_count <> coalesce(h.confirmed, 0) - coalesce(v.units, 0)
