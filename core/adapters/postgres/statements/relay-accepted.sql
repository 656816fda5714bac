-- relay-accepted: the requests that `decided` entries reserved units for or put on the waitlist.
--   in  $1 sku_no  $2 first seq  $3 last seq
--   The limit keeps the planner from joining: each id is looked up by primary key, however little it knows of the tables.
SELECT r.id, r.seq, r.ord, r.outcome, r.user_id, r.quantity
  FROM ledger l
 CROSS JOIN LATERAL unnest(l.accepted) AS a (id)
 CROSS JOIN LATERAL (SELECT * FROM reservations WHERE id = a.id LIMIT 1) r
 WHERE l.sku_no = $1 AND l.seq BETWEEN $2 AND $3
 ORDER BY r.seq, r.ord
