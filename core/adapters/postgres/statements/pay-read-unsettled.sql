-- pay-read-unsettled: abandoned attempts that may still hold a shopper's money, the longest due first.
--   in   visible_after_seconds: after this time a payment of an abandoned attempt must have become visible; limit
--   out  attempt_id, reservation_id, provider_ref, is_final_try: the time is over, so that a payment that is not found does not
--        exist
--   A try moves an attempt behind all attempts that are due by then, so that no number of stuck attempts hides another one. A try
--   that finds nothing does not delay the final one.
SELECT d.attempt_id, d.reservation_id, d.provider_ref, d.visible_at <= clock_timestamp() AS is_final_try
  FROM (SELECT a.attempt_id, a.reservation_id, a.provider_ref, a.updated_at + make_interval(secs => $visible_after_seconds) AS visible_at,
               CASE WHEN t.last_error IS NULL THEN least(coalesce(t.next_at, a.updated_at), a.updated_at + make_interval(secs => $visible_after_seconds))
                    ELSE t.next_at END AS due_at
          FROM payment_attempts a
          LEFT JOIN payment_retries t ON t.work = 'give-back' AND t.attempt_id = a.attempt_id
         WHERE a.settled_at IS NULL AND a.status = 'ABANDONED') d
 WHERE d.due_at <= clock_timestamp()
 ORDER BY d.due_at
 LIMIT $limit
