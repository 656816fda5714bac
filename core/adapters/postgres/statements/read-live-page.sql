-- read-live-page: the live reservations of the next ledger entries of a SKU that accepted any, with the sequence they are read at
-- and the log position they were decided at. An entry without a live reservation is one row without a reservation, so that the
-- last row ends the page.
--   in   sku_no, after: the last entry of the page before, entries: how many
SELECT l.seq AS entry_seq, {{reservation-columns}}, i.seq AS as_of_seq, microseconds(statement_timestamp()) AS now,
       i.partition, (l.first_offset + r.ord)::float8 AS "offset"
  FROM (SELECT seq, accepted, first_offset FROM ledger WHERE sku_no = $sku_no AND seq > $after AND accepted <> '{}' ORDER BY seq LIMIT $entries) l
  JOIN inventory i ON i.sku_no = $sku_no
  LEFT JOIN LATERAL (
    SELECT live.* FROM unnest(l.accepted) AS a (id)
     CROSS JOIN LATERAL (SELECT * FROM reservations WHERE id = a.id LIMIT 1) live
     WHERE live.state = 3 OR live.state = 2 OR live.state = 1 AND live.expires_at > statement_timestamp()
  ) r ON true
 ORDER BY l.seq, r.ord
