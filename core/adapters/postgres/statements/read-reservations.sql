-- read-reservations: reservations with the ledger sequence they are known as of, and the place in the queue they were decided at, in one snapshot.
--   in  $1 ids
--   The place is null of a direct decision. The entry is looked up by its key: a join would be planned as a scan of the ledger.
SELECT r.id, r.sku_no, r.seq, r.ord, r.outcome, r.state, r.quantity, r.user_id, r.owner, r.body_hash,
       microseconds(r.expires_at) AS expires_at, i.seq AS as_of_seq, microseconds(statement_timestamp()) AS now,
       i.partition, ((SELECT l.first_offset FROM ledger l WHERE l.sku_no = r.sku_no AND l.seq = r.seq) + r.ord)::float8 AS "offset"
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
 WHERE r.id = ANY($1::uuid[])
