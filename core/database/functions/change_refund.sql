-- change_refund: settles a refund and what its order shows of it.
--   in      the refund, the states that it may come from, the state it goes to, the money of the order that went back by now,
--           whether the units stay sold although all of it did, the moment, the provider's code of a failure or null
--   raises  FS004 unless the refund is in one of these states
--   The caller holds the inventory lock.
CREATE OR REPLACE FUNCTION change_refund(
  p_refund uuid, p_from text[], p_to text, p_refunded_minor bigint, p_units_kept boolean, p_at timestamptz, p_failure text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_order uuid;
BEGIN
  UPDATE refunds
     SET state = p_to, settled_at = p_at, failure_code = coalesce(p_failure, failure_code), failing_since = NULL, last_error = NULL
   WHERE refund_id = p_refund AND state = ANY(p_from)
  RETURNING order_id INTO v_order;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'refund % is in none of the states %', p_refund, p_from USING ERRCODE = 'FS004';
  END IF;
  UPDATE orders
     SET refunded_minor = p_refunded_minor, units_kept = units_kept OR p_units_kept,
         refunded_at = CASE WHEN p_to = 'SUCCEEDED' THEN p_at ELSE refunded_at END
   WHERE order_id = v_order;
END $$;
