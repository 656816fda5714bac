-- rest-sales: sales that are still as they were when they were last looked at come to rest.
--   in   $1 sku_nos  $2 the ledger sequence of each when it was looked at
--   out  the sku_nos of those that rest now
--   locks inventory in SKU order; a row that somebody else holds is in motion and is passed over
WITH still AS (
  SELECT i.sku_no
    FROM unnest($1::integer[], $2::integer[]) AS s (sku_no, seq)
    JOIN inventory i ON i.sku_no = s.sku_no AND i.seq = s.seq
   WHERE i.resting_since IS NULL AND i.reserved_count = 0 AND i.waitlisted = 0
   ORDER BY i.sku_no
     FOR UPDATE OF i SKIP LOCKED
)
UPDATE inventory i SET resting_since = statement_timestamp() FROM still WHERE i.sku_no = still.sku_no RETURNING i.sku_no
