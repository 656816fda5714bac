-- read-live-page: a page of the reservations of a SKU that still count, in decision order, with the sequence they are known as of.
--   in  $1 sku_no  $2 $3 seq and ord of the last one before the page  $4 limit
SELECT r.id, r.sku_no, r.seq, r.ord, r.outcome, r.state, r.quantity, r.user_id, r.owner, r.body_hash,
       microseconds(r.expires_at) AS expires_at, i.seq AS as_of_seq, microseconds(statement_timestamp()) AS now
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
 WHERE r.sku_no = $1 AND r.outcome <= 2 AND r.state IN (1, 2, 3)
   AND (r.state <> 1 OR r.expires_at > statement_timestamp())
   AND (r.seq, r.ord) > ($2::int, $3::int)
 ORDER BY r.sku_no, r.seq, r.ord
 LIMIT $4
