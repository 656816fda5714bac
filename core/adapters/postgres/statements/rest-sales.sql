-- rest-sales: puts sales to rest that have not changed since they were read.
--   in     sku_nos, and the ledger sequence at which each was read
--   out    the sku_nos of those that are at rest now
--   locks  inventory in SKU order; a row that another transaction holds is in motion and is left out
WITH still AS (
  SELECT i.sku_no
    FROM unnest($sku_nos::integer[], $seqs::integer[]) AS s (sku_no, seq)
    JOIN inventory i ON i.sku_no = s.sku_no AND i.seq = s.seq
   WHERE i.resting_since IS NULL AND i.reserved_count = 0 AND i.waitlisted = 0
   ORDER BY i.sku_no
     FOR UPDATE OF i SKIP LOCKED
)
UPDATE inventory i SET resting_since = statement_timestamp() FROM still WHERE i.sku_no = still.sku_no RETURNING i.sku_no
