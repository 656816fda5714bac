-- pay-read-ending: attempts whose payment may be complete without anybody having told us, and whose hold ends soon.
--   in   $1 seconds  $2 how many at most
--   out  attempt_id, reservation_id, provider_ref
-- Attempts whose shopper was sent to the provider, and attempts whose money is held and with which nobody went on.
-- First those that were not asked about yet, the next to end first; then those that were asked about the longest time ago. So no number of
-- shoppers who do nothing hides another one.
SELECT a.attempt_id, a.reservation_id, a.provider_ref
  FROM payment_attempts a
  JOIN reservations r ON r.id = a.reservation_id
  LEFT JOIN payment_retries t ON t.work = 'complete' AND t.attempt_id = a.attempt_id
 WHERE a.settled_at IS NULL AND a.status IN ('ACTION_REQUIRED', 'AUTHORISED') AND a.provider_ref IS NOT NULL
   AND r.state = 1 AND r.expires_at > clock_timestamp() AND r.expires_at <= clock_timestamp() + make_interval(secs => $1)
 ORDER BY t.next_at NULLS FIRST, r.expires_at
 LIMIT $2
