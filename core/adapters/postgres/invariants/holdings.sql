-- Invariant 14: `user_holdings` equals what a user holds, waits for and bought, within the limit; the same for holds that were
-- not paid.
WITH summed AS (
  SELECT sku_no, user_id, coalesce(sum(quantity) FILTER (WHERE state IN (1, 2, 3)), 0) AS units,
         count(*) FILTER (WHERE state IN (1, 2, 4) OR (state = 5 AND expires_at IS NOT NULL)) AS unpaid_holds
    FROM reservations WHERE outcome <= 2 GROUP BY sku_no, user_id
)
SELECT format('a user of SKU %s has %s units, user_holdings says %s of %s', i.sku_id, coalesce(s.units, 0), coalesce(h.units, 0), i.per_user_limit) AS violation
  FROM summed s
  FULL JOIN user_holdings h ON h.sku_no = s.sku_no AND h.user_id = s.user_id
  JOIN inventory i ON i.sku_no = coalesce(s.sku_no, h.sku_no)
 WHERE coalesce(s.units, 0) <> coalesce(h.units, 0) OR coalesce(s.units, 0) > i.per_user_limit OR h.cap <> i.per_user_limit
UNION ALL
SELECT format('a user of SKU %s has had %s holds without paying, user_holdings says %s of %s', i.sku_id, coalesce(s.unpaid_holds, 0),
              coalesce(h.unpaid_holds, 0), i.max_unpaid_holds)
  FROM summed s
  FULL JOIN user_holdings h ON h.sku_no = s.sku_no AND h.user_id = s.user_id
  JOIN inventory i ON i.sku_no = coalesce(s.sku_no, h.sku_no)
 WHERE coalesce(s.unpaid_holds, 0) <> coalesce(h.unpaid_holds, 0) OR coalesce(s.unpaid_holds, 0) > i.max_unpaid_holds
    OR h.unpaid_cap <> i.max_unpaid_holds
