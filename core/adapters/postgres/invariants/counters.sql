-- Invariant 15: the counters of decisions are the decisions.
WITH counted AS (
  SELECT sku_no, count(*) FILTER (WHERE outcome = 1) AS reserved, count(*) FILTER (WHERE outcome = 2) AS waitlisted,
         count(*) FILTER (WHERE outcome = 11) AS sold_out, count(*) FILTER (WHERE outcome = 12) AS user_limit,
         count(*) FILTER (WHERE outcome = 13) AS not_open, count(*) FILTER (WHERE outcome = 14) AS closed,
         count(*) FILTER (WHERE outcome = 15) AS invalid, count(*) FILTER (WHERE outcome = 16) AS hold_limit
    FROM reservations GROUP BY sku_no
)
SELECT format('the counters of SKU %s are not its decisions', i.sku_id) AS violation
  FROM inventory i LEFT JOIN counted c USING (sku_no)
 WHERE (decided_reserved, decided_waitlisted, refused_sold_out, refused_user_limit, refused_sale_not_open, refused_sale_closed, refused_invalid,
        refused_hold_limit)
       IS DISTINCT FROM (coalesce(reserved, 0), coalesce(c.waitlisted, 0), coalesce(sold_out, 0), coalesce(user_limit, 0),
                         coalesce(not_open, 0), coalesce(closed, 0), coalesce(invalid, 0), coalesce(hold_limit, 0))
