-- Invariant 23: what an order shows as refunded is the sum of its refunds that succeeded, and of their ledger entries, and never
-- more than its payment. All money back and the units kept happens only where the refund that completed it asked for that, and
-- units went back at most once.
WITH succeeded AS (
  SELECT order_id, sum(amount_minor) AS minor FROM refunds WHERE state = 'SUCCEEDED' GROUP BY order_id
), entries AS (
  SELECT l.moved[1] AS reservation_id,
         sum(CASE l.kind WHEN 'refund_failed' THEN -l.amount ELSE l.amount END) AS minor,
         count(*) FILTER (WHERE l.kind IN ('refunded', 'payment_failed')) AS returns,
         count(*) FILTER (WHERE l.kind IN ('refunded', 'refunded_kept')) AS completions,
         bool_or(l.kind = 'refunded_kept') AS kept, max(l.at) FILTER (WHERE l.kind IN ('refunded', 'refunded_kept')) AS completed_at
    FROM ledger l
   WHERE l.kind IN ('refunded', 'refunded_kept', 'partly_refunded', 'refund_failed', 'payment_failed')
   GROUP BY l.moved[1]
), checked AS (
  SELECT o.*, coalesce(s.minor, 0) AS succeeded_minor, CASE o.status WHEN 'FAILED' THEN 0 ELSE coalesce(e.minor, 0) END AS entered_minor,
         coalesce(e.returns, 0) AS returns, coalesce(e.completions, 0) AS completions, coalesce(e.kept, false) AS kept, e.completed_at
    FROM orders o LEFT JOIN succeeded s USING (order_id) LEFT JOIN entries e USING (reservation_id)
)
SELECT format('order %s shows %s as refunded, its refunds are %s and its ledger entries %s, of a payment of %s', order_id, refunded_minor,
              succeeded_minor, entered_minor, amount_minor) AS violation
  FROM checked
 WHERE refunded_minor <> succeeded_minor OR refunded_minor <> entered_minor OR refunded_minor > amount_minor
UNION ALL
SELECT format('order %s is %s, and %s of its %s went back', order_id, status, refunded_minor, amount_minor)
  FROM checked
 WHERE status NOT IN ('PAID', 'REFUNDED') AND refunded_minor > 0 OR status = 'PAID' AND refunded_minor = amount_minor AND amount_minor > 0
UNION ALL
SELECT format('the units of order %s went back %s times', order_id, returns)
  FROM checked WHERE returns > 1 OR completions > 1 OR returns > 0 AND kept
UNION ALL
SELECT format('order %s is refunded and its units are %s, which is not what its refund asked for', order_id,
              CASE WHEN units_kept THEN 'kept' ELSE 'returned' END)
  FROM checked c
 WHERE status = 'REFUNDED'
   AND (units_kept <> kept
        OR NOT EXISTS (SELECT FROM refunds r WHERE r.order_id = c.order_id AND r.return_unit <> c.units_kept AND r.settled_at IS NOT NULL
                          AND r.state IN ('SUCCEEDED', 'FAILED')))
UNION ALL
SELECT format('refund %s is not of the payment of order %s', r.refund_id, r.order_id)
  FROM refunds r LEFT JOIN orders o USING (order_id)
 WHERE o.order_id IS NULL OR o.sku_no <> r.sku_no OR o.currency <> r.currency
