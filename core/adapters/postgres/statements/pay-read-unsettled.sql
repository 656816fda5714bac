-- pay-read-unsettled: abandoned attempts that may still hold a shopper's money.
--   in   $1 seconds after which a payment of an abandoned attempt must have become visible  $2 how many at most
--   out  attempt_id, provider_ref, last_look: the time is over, what is not found now does not exist
-- First those that can be finished now; the others are looked at again in random order, so that none waits behind the rest.
SELECT attempt_id, provider_ref, updated_at <= clock_timestamp() - make_interval(secs => $1) AS last_look
  FROM payment_attempts
 WHERE settled_at IS NULL AND status = 'ABANDONED'
 ORDER BY (provider_ref IS NOT NULL OR updated_at <= clock_timestamp() - make_interval(secs => $1)) DESC, random()
 LIMIT $2
