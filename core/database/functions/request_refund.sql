-- request_refund: records a refund that an operator asks for, before the provider is asked. Refunds that may still succeed count
-- against the payment, so that no two of them together exceed it.
--   in     the id of the refund (made of the operator's idempotency key), the hash of what is asked, the order, the amount or
--          null for all that is left, the reason, whether the units go back, the user who asks
--   out    `outcome`: recorded | repeated | reused (the id belongs to another request or command) | not-found | not-paid |
--          in-progress (refunds that are not finished cover the rest) | refunded (nothing is left) | too-large; and what is left
--   locks  inventory. Two requests for one order wait for each other there.
CREATE OR REPLACE FUNCTION request_refund(
  p_refund uuid, p_hash bytea, p_order uuid, p_amount bigint, p_reason text, p_return_unit boolean, p_by uuid
) RETURNS TABLE (outcome text, left_minor bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_order orders%ROWTYPE;
  v_known refunds%ROWTYPE;
  v_open bigint;
BEGIN
  PERFORM FROM inventory i WHERE i.sku_no = (SELECT o.sku_no FROM orders o WHERE o.order_id = p_order) FOR UPDATE;
  SELECT * INTO v_known FROM refunds r WHERE r.refund_id = p_refund;
  IF FOUND THEN
    RETURN QUERY SELECT CASE WHEN v_known.request_hash = p_hash THEN 'repeated' ELSE 'reused' END, 0::bigint;
    RETURN;
  END IF;
  PERFORM FROM admin_commands c WHERE c.command_id = p_refund;
  IF FOUND THEN
    RETURN QUERY SELECT 'reused', 0::bigint;
    RETURN;
  END IF;
  SELECT * INTO v_order FROM orders o WHERE o.order_id = p_order;
  SELECT coalesce(sum(r.amount_minor), 0) INTO v_open
    FROM refunds r WHERE r.order_id = p_order AND r.state IN ('REQUESTED', 'UNKNOWN', 'PENDING');
  left_minor := coalesce(v_order.amount_minor - v_order.refunded_minor - v_open, 0);
  outcome := CASE
    WHEN v_order.order_id IS NULL THEN 'not-found'
    WHEN v_order.status IN ('PENDING_CAPTURE', 'FAILED') THEN 'not-paid'
    WHEN left_minor <= 0 AND v_open > 0 THEN 'in-progress'
    WHEN left_minor <= 0 THEN 'refunded'
    WHEN p_amount > left_minor THEN 'too-large'
    ELSE 'recorded' END;
  IF outcome = 'recorded' THEN
    -- The caller asks the provider at once. The reconciler does it after this pause, if the caller died.
    INSERT INTO refunds (refund_id, order_id, sku_no, amount_minor, currency, origin, reason, return_unit, request_hash, requested_by,
                         next_at)
    VALUES (p_refund, p_order, v_order.sku_no, coalesce(p_amount, left_minor), v_order.currency, 'operator', p_reason, p_return_unit,
            p_hash, p_by, clock_timestamp() + interval '15 seconds')
    -- The same key for an order of another SKU at the same moment.
    ON CONFLICT (refund_id) DO NOTHING;
    IF NOT FOUND THEN
      outcome := 'reused';
    END IF;
    -- So that no other command of the operator has the same key.
    INSERT INTO admin_commands (command_id, command_hash) VALUES (p_refund, p_hash) ON CONFLICT DO NOTHING;
  END IF;
  RETURN NEXT;
END $$;
