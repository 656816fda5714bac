-- relay-claim: takes the turn of a SKU for a bounded time, commits at once.
--   in    $1 sku_no  $2 claim, new for each turn  $3 length of the lease in milliseconds
--   out   how far the SKU is published; no row while another relay has the turn, or one of the version before holds the row's lock
--   locks the row of event_progress, until the end of this statement
WITH free AS MATERIALIZED (
  SELECT sku_no FROM event_progress
   WHERE sku_no = $1 AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
     FOR UPDATE SKIP LOCKED
)
UPDATE event_progress e
   SET claim = $2, claimed_until = clock_timestamp() + $3 * interval '1 millisecond'
  FROM free
 WHERE e.sku_no = free.sku_no
RETURNING e.published_seq
