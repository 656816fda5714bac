-- Invariant 10: a hold ended by time only once PostgreSQL's clock had passed its end; none outlives its end by more than the sweep bound.
SELECT format('reservation %s expired at %s, before its end %s', r.id, l.at, r.expires_at) AS violation
  FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id) JOIN reservations r ON r.id = u.id
 WHERE l.kind = 'expired' AND l.at < r.expires_at
UNION ALL
SELECT format('reservation %s is still held, its hold ended at %s', id, expires_at)
  FROM reservations WHERE state = 1 AND expires_at < statement_timestamp() - interval '15 seconds'
