-- confirm_checkout: turns a hold into a sale if the hold is the shopper's and has not ended. This is the linearisation point of a
-- checkout. It returns the sale, so that the caller reads nothing after it.
--   in     the reservation, its user, the authorised attempt, the id for the new order, the id of the call (the same when the
--          call is repeated)
--   out    `confirmation`: confirmed | expired | lost; the SKU; the state that the reservation is in now.
--          Of a confirmed one: `made`, true for the one call that made the sale; the order; the reservation, the ledger sequence
--          of its SKU and the log position it was decided at, as read-reservations returns them.
--          The first call that finds an attempt confirmed without the id of a call counts as the one that confirmed it.
--   locks  inventory, then the attempt (the one order; see docs/ARCHITECTURE.md). The clock is read after the locks: a wait must
--          not make the hold longer.
CREATE OR REPLACE FUNCTION confirm_checkout(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid, p_call uuid)
RETURNS TABLE (
  confirmation text, made boolean, sku_no integer, state smallint,
  order_id uuid, sku_id text, amount_minor bigint, currency char(3), status text, created_at timestamptz,
  id uuid, seq integer, ord smallint, outcome smallint, quantity smallint, user_id uuid, owner integer, body_hash integer,
  expires_at bigint, as_of_seq integer, now bigint, partition integer, "offset" bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_sku inventory%ROWTYPE;
  v_reservation reservations%ROWTYPE;
  v_attempt payment_attempts%ROWTYPE;
  v_order orders%ROWTYPE;
  v_now timestamptz;
BEGIN
  SELECT i.* INTO v_sku FROM inventory i
   WHERE i.sku_no = (SELECT r.sku_no FROM reservations r WHERE r.id = p_reservation) FOR UPDATE;
  SELECT * INTO v_reservation FROM reservations r WHERE r.id = p_reservation AND r.user_id = p_user;
  SELECT * INTO v_attempt FROM payment_attempts a WHERE a.attempt_id = p_attempt AND a.reservation_id = p_reservation FOR UPDATE;
  v_now := greatest(clock_timestamp(), v_sku.ledger_at);

  IF v_reservation.state = 3 AND v_attempt.status = 'CONFIRMED' THEN
    IF v_attempt.confirmed_by IS NULL THEN
      UPDATE payment_attempts a SET confirmed_by = p_call WHERE a.attempt_id = p_attempt;
      v_attempt.confirmed_by := p_call;
    END IF;
    SELECT * INTO v_order FROM orders o WHERE o.reservation_id = p_reservation;
  ELSIF v_reservation.state IS DISTINCT FROM 1 OR v_attempt.status IS DISTINCT FROM 'AUTHORISED' THEN
    confirmation := 'lost';
  ELSIF v_reservation.expires_at <= v_now THEN
    confirmation := 'expired';
  ELSE
    UPDATE reservations r SET state = 3 WHERE r.id = p_reservation;
    v_reservation.state := 3;
    UPDATE user_holdings h SET unpaid_holds = h.unpaid_holds - 1 WHERE h.sku_no = v_sku.sku_no AND h.user_id = p_user;
    UPDATE payment_attempts a SET status = 'CONFIRMED', updated_at = v_now, settled_at = v_now, confirmed_by = p_call
     WHERE a.attempt_id = p_attempt;
    v_attempt.confirmed_by := p_call;
    INSERT INTO orders AS o (order_id, reservation_id, user_id, sku_no, sku_id, quantity, amount_minor, currency, attempt_id, created_at)
    VALUES (p_order, p_reservation, p_user, v_sku.sku_no, v_sku.sku_id, v_reservation.quantity, v_attempt.amount_minor,
            v_attempt.currency, p_attempt, v_now)
    RETURNING o.* INTO v_order;
    PERFORM append_ledger(v_sku.sku_no, v_sku.seq + 1, 'confirmed', v_now, NULL, NULL,
                          0, -v_reservation.quantity, v_reservation.quantity, 0, NULL, '{}', ARRAY[p_reservation], v_attempt.amount_minor);
    v_sku.seq := v_sku.seq + 1;
  END IF;

  IF confirmation IS NOT NULL THEN
    sku_no := v_sku.sku_no;
    state := v_reservation.state;
    made := false;
    RETURN NEXT;
    RETURN;
  END IF;
  RETURN QUERY SELECT
    'confirmed', coalesce(v_attempt.confirmed_by = p_call, false), v_sku.sku_no, v_reservation.state,
    v_order.order_id, v_order.sku_id, v_order.amount_minor, v_order.currency, v_order.status, v_order.created_at,
    v_reservation.id, v_reservation.seq, v_reservation.ord, v_reservation.outcome, v_reservation.quantity, v_reservation.user_id,
    v_reservation.owner, v_reservation.body_hash, microseconds(v_reservation.expires_at), v_sku.seq, microseconds(v_now),
    v_sku.partition,
    (SELECT l.first_offset FROM ledger l WHERE l.sku_no = v_reservation.sku_no AND l.seq = v_reservation.seq) + v_reservation.ord;
END $$;
