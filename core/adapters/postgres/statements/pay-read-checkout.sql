-- pay-read-checkout: everything the next step of a checkout depends on, in one snapshot.
--   in   $1 reservation_id  $2 user_id  $3 owner (32 bits of the user: all that a refused row keeps)  $4 attempt_id
--   out  one row, or none: there is no such reservation of this user
-- Takes no lock: whatever it says is checked again under the locks by the statement that acts on it.
SELECT r.state, r.outcome, r.sku_no,
       r.state = 1 AND r.expires_at <= greatest(clock_timestamp(), i.ledger_at) AS overdue,
       a.attempt_id, a.status AS attempt_status, a.body_hash, a.amount_minor::float8 AS amount_minor, a.currency,
       a.provider_ref, a.decline_code, a.settled_at IS NOT NULL AS settled,
       EXISTS (SELECT FROM payment_attempts o
                WHERE o.reservation_id = r.id AND o.attempt_id <> $4
                  AND o.status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED')) AS other_attempt_open
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
  LEFT JOIN payment_attempts a ON a.attempt_id = $4 AND a.user_id = $2
 WHERE r.id = $1 AND (r.user_id = $2 OR (r.user_id IS NULL AND r.owner = $3))
