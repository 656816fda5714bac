-- load-decided: what was decided before about these ids.
--   in  $1 ids
SELECT id, sku_no, seq, ord, outcome, state, quantity, user_id, owner, body_hash, microseconds(expires_at) AS expires_at
  FROM reservations
 WHERE id = ANY($1::uuid[])
