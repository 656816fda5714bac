-- pay-read-ending: attempts whose payment may be complete although no webhook came, and whose hold ends soon: the shopper was
-- sent to the provider, or the provider holds the money and nothing followed.
--   in   seconds, limit
--   out  attempt_id, reservation_id, provider_ref
--   First the attempts that were never asked for, the next to end first; then the ones asked for the longest time ago. So no
--   number of inactive shoppers hides another one.
SELECT a.attempt_id, a.reservation_id, a.provider_ref
  FROM payment_attempts a
  JOIN reservations r ON r.id = a.reservation_id
  LEFT JOIN payment_retries t ON t.work = 'complete' AND t.attempt_id = a.attempt_id
 WHERE a.settled_at IS NULL AND a.status IN ('ACTION_REQUIRED', 'AUTHORISED') AND a.provider_ref IS NOT NULL
   AND r.state = 1 AND r.expires_at > clock_timestamp() AND r.expires_at <= clock_timestamp() + make_interval(secs => $seconds)
 ORDER BY t.next_at NULLS FIRST, r.expires_at
 LIMIT $limit
