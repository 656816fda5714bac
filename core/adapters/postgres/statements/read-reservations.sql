-- read-reservations: reservations with the ledger sequence they are read at and the log position they were decided at, in one
-- snapshot.
--   in   ids
--   The offset of a direct decision is null. The entry is read by its key: a join would be planned as a scan of the ledger.
SELECT {{reservation-columns}}, i.seq AS as_of_seq, microseconds(statement_timestamp()) AS now,
       i.partition, ((SELECT l.first_offset FROM ledger l WHERE l.sku_no = r.sku_no AND l.seq = r.seq) + r.ord)::float8 AS "offset"
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
 WHERE r.id = ANY($ids::uuid[])
