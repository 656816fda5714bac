-- Invariant 12: who was told "sold out" (or had to wait) asked for more than was available at that decision.
WITH before AS (
  SELECT sku_no, seq, kind, lag(total_after - reserved_after - sold_after) OVER (PARTITION BY sku_no ORDER BY seq) AS available FROM ledger
), running AS (
  SELECT r.sku_no, r.seq, r.id, r.outcome, r.quantity,
         b.available - coalesce(sum(r.quantity) FILTER (WHERE r.outcome = 1)
           OVER (PARTITION BY r.sku_no, r.seq ORDER BY r.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS available
    FROM reservations r JOIN before b ON b.sku_no = r.sku_no AND b.seq = r.seq AND b.kind = 'decided'
)
SELECT format('reservation %s asked for %s of %s available units and got outcome %s', id, quantity, available, outcome) AS violation
  FROM running
 WHERE (outcome IN (2, 11) AND quantity <= available) OR (outcome = 1 AND quantity > available)
