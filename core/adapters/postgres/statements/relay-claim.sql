-- relay-claim: takes the turn of a SKU for a bounded time; it commits at once.
--   in     sku_no, claim (new for each turn), lease_ms
--   out    up to which sequence the SKU is published; no row while another relay has the turn, or locks the row
--   locks  the row of event_progress, until the end of this statement
WITH free AS MATERIALIZED (
  SELECT sku_no FROM event_progress
   WHERE sku_no = $sku_no AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
     FOR UPDATE SKIP LOCKED
)
UPDATE event_progress e
   SET claim = $claim, claimed_until = clock_timestamp() + $lease_ms * interval '1 millisecond'
  FROM free
 WHERE e.sku_no = free.sku_no
RETURNING e.published_seq
