-- pay-record-attempt: opens an attempt to pay, if the hold is the shopper's and still in time; the amount is ours, never the client's.
--   in   $1 attempt_id  $2 reservation_id  $3 user_id  $4 body_hash
-- Does nothing when the attempt exists or another one is open (unique index one_open_attempt); the caller reads again.
INSERT INTO payment_attempts (attempt_id, reservation_id, user_id, sku_no, body_hash, amount_minor, currency)
SELECT $1, r.id, r.user_id, r.sku_no, $4, p.price_minor * r.quantity, p.currency
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
  JOIN products p ON p.sku_id = i.sku_id
 WHERE r.id = $2 AND r.user_id = $3 AND r.state = 1 AND r.expires_at > clock_timestamp()
ON CONFLICT DO NOTHING
