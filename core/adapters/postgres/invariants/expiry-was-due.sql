-- Invariant 10: a hold expired only after PostgreSQL's clock had passed its end. No hold is kept after its end for longer than
-- the sweep bound. No end is later than the promised hold plus the extensions in the ledger.
WITH begun AS (
  SELECT r.id, r.sku_no, r.expires_at, l.at FROM reservations r JOIN ledger l ON l.sku_no = r.sku_no AND l.seq = r.seq WHERE r.outcome = 1
  UNION ALL
  SELECT r.id, r.sku_no, r.expires_at, l.at
    FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id) JOIN reservations r ON r.id = u.id WHERE l.kind = 'promoted'
), extended AS (
  SELECT u.id, sum(l.amount) AS microseconds
    FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id) WHERE l.kind = 'extended' GROUP BY u.id
)
SELECT format('reservation %s expired at %s, before its end %s', r.id, l.at, r.expires_at) AS violation
  FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id) JOIN reservations r ON r.id = u.id
 WHERE l.kind = 'expired' AND l.at < r.expires_at
UNION ALL
SELECT format('reservation %s is still held, its hold ended at %s', id, expires_at)
  FROM reservations WHERE state = 1 AND expires_at < statement_timestamp() - interval '15 seconds'
UNION ALL
SELECT format('the hold of reservation %s ends at %s, later than it was promised and extended', b.id, b.expires_at)
  FROM begun b JOIN inventory i USING (sku_no) LEFT JOIN extended e USING (id)
 WHERE b.expires_at > b.at + i.hold_seconds * interval '1 second' + coalesce(e.microseconds, 0) * interval '1 microsecond'
