-- pay-read-checkout: everything that the next step of a checkout depends on, in one snapshot.
--   in   reservation_id, user_id, owner (32 bits of the user: all that a refused row keeps), attempt_id
--   out  one row, or none: this user has no such reservation
--   It takes no lock: the statement that acts on the answer checks it again under the locks.
SELECT r.state, r.outcome, r.sku_no,
       r.state = 1 AND r.expires_at <= greatest(clock_timestamp(), i.ledger_at) AS overdue,
       a.attempt_id, a.status AS attempt_status, a.body_hash, a.amount_minor::float8 AS amount_minor, a.currency,
       a.provider_ref, a.decline_code, a.settled_at IS NOT NULL AS settled,
       EXISTS (SELECT FROM payment_attempts o
                WHERE o.reservation_id = r.id AND o.attempt_id <> $attempt_id
                  AND o.status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED')) AS other_attempt_open
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
  LEFT JOIN payment_attempts a ON a.attempt_id = $attempt_id AND a.user_id = $user_id
 WHERE r.id = $reservation_id AND (r.user_id = $user_id OR (r.user_id IS NULL AND r.owner = $owner))
