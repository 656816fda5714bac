-- relay-renew: extends the lease of a turn to lease_ms from now, if no other relay has taken the turn.
--   in   sku_no, claim, lease_ms
--   out  a row if the relay still has the turn
UPDATE event_progress SET claimed_until = clock_timestamp() + $lease_ms * interval '1 millisecond'
 WHERE sku_no = $sku_no AND claim = $claim
RETURNING sku_no
