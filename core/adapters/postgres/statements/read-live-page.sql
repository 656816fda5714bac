-- read-live-page: the reservations that still count of the next ledger entries of a SKU that accepted any, with the sequence they are known
-- as of and the place in the queue they were decided at. An entry of which none counts is one row without a reservation, so that the last row says how far the page goes.
--   in  $1 sku_no  $2 the last entry before the page  $3 entries
SELECT l.seq AS entry_seq, r.id, r.sku_no, r.seq, r.ord, r.outcome, r.state, r.quantity, r.user_id, r.owner, r.body_hash,
       microseconds(r.expires_at) AS expires_at, i.seq AS as_of_seq, microseconds(statement_timestamp()) AS now,
       i.partition, (l.first_offset + r.ord)::float8 AS "offset"
  FROM (SELECT seq, accepted, first_offset FROM ledger WHERE sku_no = $1 AND seq > $2 AND accepted <> '{}' ORDER BY seq LIMIT $3) l
  JOIN inventory i ON i.sku_no = $1
  LEFT JOIN LATERAL (
    SELECT live.* FROM unnest(l.accepted) AS a (id)
     CROSS JOIN LATERAL (SELECT * FROM reservations WHERE id = a.id LIMIT 1) live
     WHERE live.state = 3 OR live.state = 2 OR live.state = 1 AND live.expires_at > statement_timestamp()
  ) r ON true
 ORDER BY l.seq, r.ord
