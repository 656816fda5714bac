-- write_direct: writes the decision of one request that did not go through Kafka: the reservation, the units it grants, its
-- ledger entry without offsets, the counters. No watermark moves.
--   in      the SKU, the sequence of the new entry, the epoch in which the caller saw the sale in direct mode, the moment of the
--           decision, the decision, whether these are the user's first units of the SKU, the digest, the refusals by reason
--   raises  FS006 unless the sale is in direct mode and in that epoch: a process that knows an old mode commits nothing. FS003 as
--           append_ledger. A 23505 says that the id was decided before.
--   The caller holds the inventory lock.
CREATE OR REPLACE FUNCTION write_direct(
  p_sku_no integer, p_seq integer, p_epoch integer, p_now bigint,
  p_outcome smallint, p_quantity integer, p_id uuid, p_user uuid, p_owner integer, p_body_hash integer, p_first_units boolean,
  p_digest bytea, p_refused integer[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v inventory%ROWTYPE;
  v_now timestamptz := instant(p_now);
  v_units integer := CASE WHEN p_outcome = 1 THEN p_quantity ELSE 0 END;
  v_hash bytea;
BEGIN
  SELECT * INTO STRICT v FROM inventory WHERE sku_no = p_sku_no;
  IF v.mode <> 'direct' OR v.epoch <> p_epoch THEN
    RAISE EXCEPTION 'SKU % is % in epoch %, the decision was made for direct in epoch %', p_sku_no, v.mode, v.epoch, p_epoch
      USING ERRCODE = 'FS006';
  ELSIF v.seq + 1 <> p_seq OR v_now < v.ledger_at THEN
    RAISE EXCEPTION 'ledger of SKU % is at %, the decision was made for %', p_sku_no, v.seq, p_seq USING ERRCODE = 'FS003';
  END IF;

  INSERT INTO reservations (expires_at, sku_no, seq, ord, outcome, state, quantity, id, user_id, owner, body_hash)
  VALUES (CASE WHEN p_outcome = 1 THEN v_now + v.hold_seconds * interval '1 second' END, p_sku_no, p_seq, 0, p_outcome,
          CASE WHEN p_outcome <= 2 THEN p_outcome ELSE 0 END, p_quantity, p_id, p_user, p_owner, p_body_hash);
  IF p_first_units THEN
    INSERT INTO user_holdings (sku_no, user_id, units, cap, unpaid_holds, unpaid_cap)
    VALUES (p_sku_no, p_user, p_quantity, v.per_user_limit, 1, v.max_unpaid_holds);
  ELSIF p_outcome <= 2 THEN
    UPDATE user_holdings SET unpaid_holds = unpaid_holds + 1 WHERE sku_no = p_sku_no AND user_id = p_user;
  END IF;
  IF p_outcome = 1 AND v.waitlisted > 0 THEN
    UPDATE waitlist SET passed = passed + 1 WHERE sku_no = p_sku_no;
  ELSIF p_outcome = 2 THEN
    INSERT INTO waitlist (sku_no, seq, ord, id, user_id, quantity) VALUES (p_sku_no, p_seq, 0, p_id, p_user, p_quantity);
  END IF;

  v_hash := ledger_hash(v.head_hash, p_sku_no, p_seq, 'decided', NULL, NULL, v_now, v.total_stock, v.reserved_count + v_units, v.sold_count,
                        p_digest, p_refused, '{}', v_units);
  INSERT INTO ledger (sku_no, seq, kind, at, total_after, reserved_after, sold_after, digest, refused, moved, amount, prev_hash, hash, accepted)
  VALUES (p_sku_no, p_seq, 'decided', v_now, v.total_stock, v.reserved_count + v_units, v.sold_count, p_digest, p_refused, '{}', v_units,
          v.head_hash, v_hash, CASE WHEN p_outcome <= 2 THEN ARRAY[p_id] ELSE '{}' END);
  UPDATE inventory
     SET seq = p_seq, head_hash = v_hash, ledger_at = v_now, reserved_count = reserved_count + v_units,
         waitlisted = waitlisted + (p_outcome = 2)::integer,
         decided_reserved = decided_reserved + (p_outcome = 1)::integer, decided_waitlisted = decided_waitlisted + (p_outcome = 2)::integer,
         refused_sold_out = refused_sold_out + p_refused[1], refused_user_limit = refused_user_limit + p_refused[2],
         refused_sale_not_open = refused_sale_not_open + p_refused[3], refused_sale_closed = refused_sale_closed + p_refused[4],
         refused_invalid = refused_invalid + p_refused[5], refused_hold_limit = refused_hold_limit + coalesce(p_refused[6], 0)
   WHERE sku_no = p_sku_no;
END $$;
