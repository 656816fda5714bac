-- Server-side halves of the transitions. Every error they raise has a class of its own (FS...), so that no caller mistakes
-- it for an outage: FS001 the watermark is missing, FS002 it differs from what the caller expects, FS003 the ledger moved,
-- FS004 a row was not in the state it must come from.

-- Moments travel as microseconds since the epoch: a JavaScript number holds them exactly, a Date does not.
CREATE FUNCTION microseconds(p_at timestamptz) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT (extract(epoch FROM p_at) * 1000000)::bigint
$$;
CREATE FUNCTION instant(p_microseconds bigint) RETURNS timestamptz IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT timestamptz 'epoch' + p_microseconds * interval '1 microsecond'
$$;

-- lock_partition: the first lock of the writer. Raises unless the watermark is what the writer expects, so that nothing
-- pipelined behind it can commit.
CREATE FUNCTION lock_partition(p_topic text, p_partition integer, p_expected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint;
BEGIN
  SELECT next_offset INTO v_next FROM partition_progress WHERE topic = p_topic AND partition = p_partition FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no watermark for %-%', p_topic, p_partition USING ERRCODE = 'FS001';
  ELSIF v_next <> p_expected THEN
    RAISE EXCEPTION 'watermark of %-% is %, expected %', p_topic, p_partition, v_next, p_expected
      USING ERRCODE = 'FS002', DETAIL = v_next::text;
  END IF;
END $$;

-- ledger_hash: the one place that says what a ledger row's hash covers: every column, and the hash before it.
CREATE FUNCTION ledger_hash(
  p_prev_hash bytea, p_sku_no integer, p_seq integer, p_kind text, p_first_offset bigint, p_last_offset bigint,
  p_at timestamptz, p_total integer, p_reserved integer, p_sold integer, p_digest bytea, p_refused integer[], p_moved uuid[], p_amount bigint
) RETURNS bytea IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT sha256(
    p_prev_hash || int4send(p_sku_no) || int4send(p_seq) || convert_to(p_kind, 'UTF8') || '\x00'
    || int8send(coalesce(p_first_offset, -1)) || int8send(coalesce(p_last_offset, -1)) || timestamptz_send(p_at)
    || int4send(p_total) || int4send(p_reserved) || int4send(p_sold) || coalesce(p_digest, '\x')
    || convert_to(array_to_string(p_refused, ','), 'UTF8') || '\x00'
    || decode(replace(array_to_string(p_moved, ''), '-', ''), 'hex') || int8send(p_amount)
  )
$$;

-- append_ledger: moves the balances of a SKU and writes the row that says so, under the inventory lock the caller holds.
--   Raises FS003 unless `p_seq` is the next one: whoever computed the move from an older state must not commit it.
CREATE FUNCTION append_ledger(
  p_sku_no integer, p_seq integer, p_kind text, p_at timestamptz, p_first_offset bigint, p_last_offset bigint,
  p_total_delta integer, p_reserved_delta integer, p_sold_delta integer, p_waitlisted_delta integer,
  p_digest bytea, p_refused integer[], p_moved uuid[], p_amount bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v inventory%ROWTYPE;
  v_hash bytea;
BEGIN
  SELECT * INTO STRICT v FROM inventory WHERE sku_no = p_sku_no;
  IF v.seq + 1 <> p_seq OR p_at < v.ledger_at THEN
    RAISE EXCEPTION 'ledger of SKU % is at %, the move was computed for %', p_sku_no, v.seq, p_seq USING ERRCODE = 'FS003';
  END IF;
  v.total_stock := v.total_stock + p_total_delta;
  v.reserved_count := v.reserved_count + p_reserved_delta;
  v.sold_count := v.sold_count + p_sold_delta;
  v_hash := ledger_hash(v.head_hash, p_sku_no, p_seq, p_kind, p_first_offset, p_last_offset, p_at,
                        v.total_stock, v.reserved_count, v.sold_count, p_digest, p_refused, p_moved, p_amount);
  INSERT INTO ledger (sku_no, seq, kind, first_offset, last_offset, at, total_after, reserved_after, sold_after,
                      digest, refused, moved, amount, prev_hash, hash)
  VALUES (p_sku_no, p_seq, p_kind, p_first_offset, p_last_offset, p_at, v.total_stock, v.reserved_count, v.sold_count,
          p_digest, p_refused, p_moved, p_amount, v.head_hash, v_hash);
  UPDATE inventory
     SET seq = p_seq, head_hash = v_hash, ledger_at = p_at, total_stock = v.total_stock,
         reserved_count = v.reserved_count, sold_count = v.sold_count, waitlisted = v.waitlisted + p_waitlisted_delta
   WHERE sku_no = p_sku_no;
END $$;

-- change_states: moves reservations on, all of them or none.
CREATE FUNCTION change_states(p_ids uuid[], p_from smallint, p_to smallint, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_changed integer;
BEGIN
  UPDATE reservations SET state = p_to, expires_at = coalesce(p_expires_at, expires_at) WHERE id = ANY(p_ids) AND state = p_from;
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  IF v_changed <> cardinality(p_ids) THEN
    RAISE EXCEPTION '% of % reservations were in state %', v_changed, cardinality(p_ids), p_from USING ERRCODE = 'FS004';
  END IF;
END $$;

-- adjust_holdings: adds units to users who have a row; row by row, because the planner's joins over arrays are slower (37 ms against 6 per 500).
CREATE FUNCTION adjust_holdings(p_sku_nos integer[], p_users uuid[], p_units integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. cardinality(p_users) LOOP
    UPDATE user_holdings SET units = units + p_units[i] WHERE sku_no = p_sku_nos[i] AND user_id = p_users[i];
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a user of SKU % has no holdings to change', p_sku_nos[i] USING ERRCODE = 'FS004';
    END IF;
  END LOOP;
END $$;

-- leave_waitlist: takes entries off the line, all of them or none.
CREATE FUNCTION leave_waitlist(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_deleted integer;
BEGIN
  DELETE FROM waitlist WHERE id = ANY(p_ids);
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  IF v_deleted <> cardinality(p_ids) THEN
    RAISE EXCEPTION '% of % entries were on the waitlist', v_deleted, cardinality(p_ids) USING ERRCODE = 'FS004';
  END IF;
END $$;

-- confirm_reservation: turns a hold into a sale, if it is still the shopper's and still in time; the linearisation point of a checkout.
--   in   the reservation, its user, the authorised attempt, the id of the order to be
--   out  `outcome`: confirmed | expired | lost, the SKU, and the state the reservation is in now
--   locks inventory, then the attempt (the one order; see docs/ARCHITECTURE.md). The clock is read after the locks: a wait must not lengthen the hold.
CREATE FUNCTION confirm_reservation(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid)
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
    UPDATE payment_attempts a SET status = 'CONFIRMED', updated_at = v_now, settled_at = v_now WHERE a.attempt_id = p_attempt;
    INSERT INTO orders (order_id, reservation_id, user_id, sku_no, sku_id, quantity, amount_minor, currency, attempt_id, created_at)
    VALUES (p_order, p_reservation, p_user, v_sku.sku_no, v_sku.sku_id, v_reservation.quantity, v_attempt.amount_minor,
            v_attempt.currency, p_attempt, v_now);
    PERFORM append_ledger(v_sku.sku_no, v_sku.seq + 1, 'confirmed', v_now, NULL, NULL,
                          0, -v_reservation.quantity, v_reservation.quantity, 0, NULL, '{}', ARRAY[p_reservation], v_attempt.amount_minor);
    RETURN QUERY SELECT 'confirmed', v_sku.sku_no, 3::smallint;
  END IF;
END $$;

-- create_sku: a SKU with its sale in draft, its opening stock as the first ledger entry; false if the SKU exists.
--   The partition is the one with the fewest living sales, so that two hot SKUs share one only when there are more SKUs than partitions.
CREATE FUNCTION create_sku(
  p_topic text, p_sku_id text, p_name text, p_price_minor bigint, p_currency text, p_total integer, p_per_user_limit integer,
  p_hold_seconds integer, p_waitlist_limit integer, p_opens_at timestamptz, p_closes_at timestamptz, p_definition_hash bytea
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_partition integer;
  v_sku_no integer;
BEGIN
  INSERT INTO products (sku_id, name, price_minor, currency, definition_hash)
  VALUES (p_sku_id, p_name, p_price_minor, p_currency, p_definition_hash)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  -- Two creations at once must not choose the same partition.
  PERFORM pg_advisory_xact_lock(hashtext('create_sku'));
  SELECT p.partition INTO STRICT v_partition
    FROM partition_progress p
    LEFT JOIN inventory i ON i.partition = p.partition AND i.status <> 'closed'
   WHERE p.topic = p_topic
   GROUP BY p.partition ORDER BY count(i.sku_no), p.partition LIMIT 1;
  INSERT INTO inventory (sku_id, partition, per_user_limit, hold_seconds, waitlist_limit, opens_at, closes_at)
  VALUES (p_sku_id, v_partition, p_per_user_limit, p_hold_seconds, p_waitlist_limit, p_opens_at, p_closes_at)
  RETURNING sku_no INTO v_sku_no;
  INSERT INTO event_progress (sku_no) VALUES (v_sku_no);
  PERFORM append_ledger(v_sku_no, 1, 'restocked', clock_timestamp(), NULL, NULL, p_total, 0, 0, 0, NULL, '{}', '{}', p_total);
  RETURN v_sku_no;
END $$;
