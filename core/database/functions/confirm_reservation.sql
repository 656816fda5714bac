-- confirm_reservation: turns a hold into a sale if the hold is the shopper's and has not ended. This is the linearisation point
-- of a checkout.
--   in     the reservation, its user, the authorised attempt, the id for the new order
--   out    `outcome`: confirmed | expired | lost; the SKU; the state that the reservation is in now
--   locks  inventory, then the attempt (the one order; see docs/ARCHITECTURE.md). The clock is read after the locks: a wait must
--          not make the hold longer.
CREATE OR REPLACE FUNCTION confirm_reservation(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid)
RETURNS TABLE (outcome text, sku_no integer, state smallint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_sku inventory%ROWTYPE;
  v_reservation reservations%ROWTYPE;
  v_attempt payment_attempts%ROWTYPE;
  v_now timestamptz;
BEGIN
  SELECT i.* INTO v_sku FROM inventory i
   WHERE i.sku_no = (SELECT r.sku_no FROM reservations r WHERE r.id = p_reservation) FOR UPDATE;
  SELECT * INTO v_reservation FROM reservations r WHERE r.id = p_reservation AND r.user_id = p_user;
  SELECT * INTO v_attempt FROM payment_attempts a WHERE a.attempt_id = p_attempt AND a.reservation_id = p_reservation FOR UPDATE;
  v_now := greatest(clock_timestamp(), v_sku.ledger_at);

  IF v_reservation.state = 3 AND v_attempt.status = 'CONFIRMED' THEN
    RETURN QUERY SELECT 'confirmed', v_sku.sku_no, v_reservation.state;
  ELSIF v_reservation.state IS DISTINCT FROM 1 OR v_attempt.status IS DISTINCT FROM 'AUTHORISED' THEN
    RETURN QUERY SELECT 'lost', v_sku.sku_no, v_reservation.state;
  ELSIF v_reservation.expires_at <= v_now THEN
    RETURN QUERY SELECT 'expired', v_sku.sku_no, v_reservation.state;
  ELSE
    UPDATE reservations r SET state = 3 WHERE r.id = p_reservation;
    UPDATE user_holdings h SET unpaid_holds = h.unpaid_holds - 1 WHERE h.sku_no = v_sku.sku_no AND h.user_id = p_user;
    UPDATE payment_attempts a SET status = 'CONFIRMED', updated_at = v_now, settled_at = v_now WHERE a.attempt_id = p_attempt;
    INSERT INTO orders (order_id, reservation_id, user_id, sku_no, sku_id, quantity, amount_minor, currency, attempt_id, created_at)
    VALUES (p_order, p_reservation, p_user, v_sku.sku_no, v_sku.sku_id, v_reservation.quantity, v_attempt.amount_minor,
            v_attempt.currency, p_attempt, v_now);
    PERFORM append_ledger(v_sku.sku_no, v_sku.seq + 1, 'confirmed', v_now, NULL, NULL,
                          0, -v_reservation.quantity, v_reservation.quantity, 0, NULL, '{}', ARRAY[p_reservation], v_attempt.amount_minor);
    RETURN QUERY SELECT 'confirmed', v_sku.sku_no, 3::smallint;
  END IF;
END $$;
