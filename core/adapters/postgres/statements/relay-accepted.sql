-- relay-accepted: the reservations that `decided` entries accepted: those that got units and those on the waitlist.
--   in   sku_no, first_seq, last_seq
--   The LIMIT keeps the planner from joining: it looks up each id by primary key, even without statistics.
SELECT r.id, r.seq, r.ord, r.outcome, r.user_id, r.quantity
  FROM ledger l
 CROSS JOIN LATERAL unnest(l.accepted) AS a (id)
 CROSS JOIN LATERAL (SELECT * FROM reservations WHERE id = a.id LIMIT 1) r
 WHERE l.sku_no = $sku_no AND l.seq BETWEEN $first_seq AND $last_seq
 ORDER BY r.seq, r.ord
