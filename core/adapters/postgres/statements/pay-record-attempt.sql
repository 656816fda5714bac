-- pay-record-attempt: opens an attempt to pay if the hold is the shopper's and has not ended. The amount comes from our tables,
-- never from the client.
--   in   attempt_id, reservation_id, user_id, body_hash
--   It does nothing when the attempt exists or another one is open (unique index one_open_attempt); the caller reads again.
INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency)
SELECT $attempt_id, r.id, r.user_id, r.sku_no, $body_hash, p.price_minor * r.quantity, p.currency
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
  JOIN products p ON p.sku_id = i.sku_id
 WHERE r.id = $reservation_id AND r.user_id = $user_id AND r.state = 1 AND r.expires_at > clock_timestamp()
ON CONFLICT DO NOTHING
