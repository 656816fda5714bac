-- pay-confirm: turns a hold into a sale; see core/database/functions/confirm_checkout.sql. A repeated call gets the same answer.
--   in   reservation_id, user_id, attempt_id, order_id, call_id (the same when the call is repeated)
--   out  confirmation: confirmed | expired | lost; of a confirmed one: whether this call made the sale, the order, and the
--        reservation as read-reservations returns it. lock_wait_ms: from the arrival of the statement to the moment of the
--        decision, which is read under the locks
SELECT confirmation, made, order_id, sku_id, amount_minor::float8 AS amount_minor, currency, status, created_at,
       id, sku_no, seq, ord, outcome, state, quantity, user_id, owner, body_hash, expires_at, as_of_seq, now, partition,
       "offset"::float8 AS "offset", (now - microseconds(statement_timestamp())) / 1000.0::float8 AS lock_wait_ms
  FROM confirm_checkout($reservation_id, $user_id, $attempt_id, $order_id, $call_id)
