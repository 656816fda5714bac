-- report-money: orders, refunds and attempts to pay of some sales, counted. Each row has the kind of what it counts.
--   in   sku_nos
SELECT 'order' AS kind, sku_no, status AS name, NULL AS detail, currency, count(*)::int AS number,
       sum(amount_minor)::float8 AS amount_minor, sum(refunded_minor)::float8 AS refunded_minor
  FROM orders
 WHERE sku_no = ANY($sku_nos::int[])
 GROUP BY sku_no, status, currency
UNION ALL
SELECT 'refund', sku_no, state, origin, currency, count(*)::int, sum(amount_minor)::float8, 0
  FROM refunds
 WHERE sku_no = ANY($sku_nos::int[])
 GROUP BY sku_no, state, origin, currency
UNION ALL
SELECT 'attempt', sku_no, status, decline_code, NULL, count(*)::int, 0, 0
  FROM payment_attempts
 WHERE sku_no = ANY($sku_nos::int[])
 GROUP BY sku_no, status, decline_code
 ORDER BY sku_no, kind, name, detail
