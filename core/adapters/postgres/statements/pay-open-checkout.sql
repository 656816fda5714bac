-- pay-open-checkout: opens an attempt to pay if the hold is the shopper's and has not ended, and returns what pay-read-checkout
-- returns, with the new attempt. The amount comes from our tables, never from the client.
--   in   as pay-read-checkout, and body_hash
--   out  one row, or none: this user has no such reservation
--   It opens nothing when the attempt exists or another one is open (unique index one_open_attempt). If the other call was
--   committed during this statement, the row shows neither: the caller calls again and reads it.
WITH recorded AS (
  INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency)
  SELECT $attempt_id, r.id, r.user_id, r.sku_no, $body_hash, p.price_minor * r.quantity, p.currency
    FROM reservations r
    JOIN inventory i ON i.sku_no = r.sku_no
    JOIN products p ON p.sku_id = i.sku_id
   WHERE r.id = $reservation_id AND r.user_id = $user_id AND r.state = 1 AND r.expires_at > greatest(clock_timestamp(), i.ledger_at)
  ON CONFLICT DO NOTHING
  RETURNING *
), a AS (
  SELECT * FROM recorded
  UNION ALL
  SELECT * FROM payment_attempts WHERE attempt_id = $attempt_id AND user_id = $user_id
)
SELECT {{checkout-facts}}
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
  LEFT JOIN a ON true
 WHERE r.id = $reservation_id AND (r.user_id = $user_id OR (r.user_id IS NULL AND r.owner = $owner))
