-- relay-accepted: the requests that `decided` entries reserved units for or put on the waitlist.
--   in  $1 sku_no  $2 first seq  $3 last seq
SELECT id, seq, ord, outcome, user_id, quantity FROM reservations
 WHERE sku_no = $1 AND seq BETWEEN $2 AND $3 AND outcome <= 2
 ORDER BY seq, ord
