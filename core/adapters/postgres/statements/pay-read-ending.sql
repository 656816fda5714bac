-- pay-read-ending: attempts whose payment may be complete without anybody having told us, and whose hold ends soon; the next to end first.
--   in   $1 seconds  $2 how many at most
--   out  attempt_id, provider_ref
-- Of whom the shopper was sent to the provider, and of whom somebody noted that the money is held and went no further.
SELECT a.attempt_id, a.provider_ref
  FROM payment_attempts a
  JOIN reservations r ON r.id = a.reservation_id
 WHERE a.settled_at IS NULL AND a.status IN ('ACTION_REQUIRED', 'AUTHORISED') AND a.provider_ref IS NOT NULL
   AND r.state = 1 AND r.expires_at > clock_timestamp() AND r.expires_at <= clock_timestamp() + make_interval(secs => $1)
 ORDER BY r.expires_at
 LIMIT $2
