-- relay-renew: lengthens the lease of a turn, if nobody has taken the turn since.
--   in   $1 sku_no  $2 claim  $3 length of the lease in milliseconds, from now
--   out  a row if the turn is still held
UPDATE event_progress SET claimed_until = clock_timestamp() + $3 * interval '1 millisecond'
 WHERE sku_no = $1 AND claim = $2
RETURNING sku_no
