-- Invariants 7 and 8: a reservation made allowed transitions only, each once, and is in the state of its last ledger entry.
WITH moves AS (
  SELECT u.id, string_agg(l.kind, '>' ORDER BY l.seq) AS path
    FROM ledger l CROSS JOIN LATERAL unnest(l.moved) AS u (id)
   WHERE l.kind IN ('promoted', 'expired', 'cancelled', 'lapsed', 'confirmed')
   GROUP BY u.id
), allowed (outcome, path, state) AS (VALUES
  (1, '', 1), (1, 'confirmed', 3), (1, 'expired', 4), (1, 'cancelled', 5),
  (2, '', 2), (2, 'promoted', 1), (2, 'promoted>confirmed', 3), (2, 'promoted>expired', 4), (2, 'promoted>cancelled', 5),
  (2, 'cancelled', 5), (2, 'lapsed', 6))
SELECT format('reservation %s was decided %s, went through "%s" and is in state %s', r.id, r.outcome, m.path, r.state) AS violation
  FROM reservations r LEFT JOIN moves m USING (id)
 WHERE CASE WHEN r.outcome > 2 THEN r.state <> 0 OR m.path IS NOT NULL
            ELSE NOT EXISTS (SELECT FROM allowed a WHERE a.outcome = r.outcome AND a.path = coalesce(m.path, '') AND a.state = r.state) END
UNION ALL
SELECT format('the ledger moved reservation %s, which does not exist', m.id) FROM moves m LEFT JOIN reservations r USING (id) WHERE r.id IS NULL
