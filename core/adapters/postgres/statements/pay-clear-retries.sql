-- pay-clear-retries: deletes the retries of work that is done, by any caller.
DELETE FROM payment_retries t
 USING payment_attempts a
 WHERE a.attempt_id = t.attempt_id
   AND CASE t.work
         WHEN 'capture' THEN NOT EXISTS (SELECT FROM orders o WHERE o.attempt_id = t.attempt_id AND o.status = 'PENDING_CAPTURE')
         WHEN 'give-back' THEN a.settled_at IS NOT NULL OR a.status <> 'ABANDONED'
         ELSE a.settled_at IS NOT NULL OR a.status NOT IN ('ACTION_REQUIRED', 'AUTHORISED')
       END
