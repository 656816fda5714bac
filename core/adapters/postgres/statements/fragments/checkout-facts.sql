-- What the next step of a checkout depends on; of reservations AS r, its SKU AS i, and the attempt AS a, if there is one.
r.state, r.outcome, r.sku_no,
       r.state = 1 AND r.expires_at <= greatest(clock_timestamp(), i.ledger_at) AS overdue,
       a.attempt_id, a.status AS attempt_status, a.body_hash, a.amount_minor::float8 AS amount_minor, a.currency,
       a.provider_ref, a.decline_code, a.settled_at IS NOT NULL AS settled,
       EXISTS (SELECT FROM payment_attempts o
                WHERE o.reservation_id = r.id AND o.attempt_id <> $attempt_id
                  AND o.status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED')) AS other_attempt_open
