-- Invariant 12: a request that was refused as sold out (or waitlisted) asked for more than was available at that decision; or
-- units were kept for an earlier waitlist entry, which wanted more than was available and was passed as often as it tolerates.
WITH entries AS (
  SELECT l.sku_no, l.seq, l.kind, lag(l.total_after - l.reserved_after - l.sold_after) OVER chain AS available,
         sum(coalesce(d.granted, 0) + CASE WHEN l.kind = 'promoted' THEN cardinality(l.moved) ELSE 0 END) OVER chain AS granted
    FROM ledger l
    LEFT JOIN (SELECT sku_no, seq, count(*) AS granted FROM reservations WHERE outcome = 1 GROUP BY sku_no, seq) d USING (sku_no, seq)
  WINDOW chain AS (PARTITION BY l.sku_no ORDER BY l.seq)
), running AS (
  SELECT r.sku_no, r.seq, r.ord, r.id, r.outcome, r.quantity, b.granted,
         b.available - coalesce(sum(r.quantity) FILTER (WHERE r.outcome = 1)
           OVER (PARTITION BY r.sku_no, r.seq ORDER BY r.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS available
    FROM reservations r JOIN entries b ON b.sku_no = r.sku_no AND b.seq = r.seq AND b.kind = 'decided'
), doubtful AS (
  SELECT * FROM running WHERE (outcome IN (2, 11) AND quantity <= available) OR (outcome = 1 AND quantity > available)
), left_waitlist AS (
  SELECT u.id, min(l.seq) AS seq FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id)
   WHERE l.kind IN ('promoted', 'cancelled', 'lapsed') AND EXISTS (SELECT FROM doubtful) GROUP BY u.id
), waited AS (
  SELECT w.sku_no, w.seq, w.ord, w.quantity, coalesce(g.seq, 2147483647) AS until, b.granted - d.granted AS granted
    FROM reservations w
    JOIN entries b ON b.sku_no = w.sku_no AND b.seq = w.seq
    JOIN (SELECT sku_no, seq, count(*) FILTER (WHERE outcome = 1) AS granted FROM reservations GROUP BY sku_no, seq) d
      ON d.sku_no = w.sku_no AND d.seq = w.seq
    LEFT JOIN left_waitlist g ON g.id = w.id
   WHERE w.outcome = 2 AND EXISTS (SELECT FROM doubtful)
), kept AS (
  SELECT DISTINCT d.sku_no, d.seq, d.available
    FROM (SELECT DISTINCT sku_no, seq, available, granted FROM doubtful WHERE outcome <> 1) d
    JOIN waited w ON w.sku_no = d.sku_no AND w.seq <= d.seq AND w.until > d.seq AND w.quantity > d.available
                 AND d.granted - w.granted >= max_passed()
)
SELECT format('reservation %s asked for %s of %s available units and got outcome %s', d.id, d.quantity, d.available, d.outcome) AS violation
  FROM doubtful d LEFT JOIN kept k USING (sku_no, seq, available)
 WHERE d.outcome = 1 OR k.seq IS NULL
