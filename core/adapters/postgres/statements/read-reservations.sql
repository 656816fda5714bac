-- read-reservations: reservations with the ledger sequence they are known as of, in one snapshot.
--   in  $1 ids
SELECT r.id, r.sku_no, r.seq, r.ord, r.outcome, r.state, r.quantity, r.user_id, r.owner, r.body_hash,
       microseconds(r.expires_at) AS expires_at, i.seq AS as_of_seq, microseconds(statement_timestamp()) AS now
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
 WHERE r.id = ANY($1::uuid[])
