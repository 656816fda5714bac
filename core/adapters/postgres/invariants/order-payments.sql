-- Invariant 9: an order's status follows from the ledger entries of its payment, each once.
WITH reports AS (
  SELECT u.id, string_agg(l.kind, '>' ORDER BY l.seq) AS path
    FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id)
   WHERE l.kind IN ('paid', 'payment_failed', 'refunded', 'refunded_kept')
   GROUP BY u.id
)
SELECT format('order %s is %s, its payments were "%s"', o.order_id, o.status, p.path) AS violation
  FROM orders o LEFT JOIN reports p ON p.id = o.reservation_id
 WHERE o.status <> CASE coalesce(p.path, '')
         WHEN '' THEN 'PENDING_CAPTURE' WHEN 'paid' THEN 'PAID' WHEN 'payment_failed' THEN 'FAILED' WHEN 'paid>refunded' THEN 'REFUNDED'
         WHEN 'paid>refunded_kept' THEN 'REFUNDED' ELSE '?' END
