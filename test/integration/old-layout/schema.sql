-- The schema of the version before functions had one live body each: the dump (pg_dump) of a database that its twelve migrations
-- made. Frozen: it stands for that database in old-layout.test.ts. Delete both once no such database is left.
SET check_function_bodies = false;
CREATE FUNCTION public.accepted_of(p_ids uuid[], p_outcomes smallint[], p_accepted integer) RETURNS uuid[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
  -- All or none is what a batch in a rush looks like; only between the two each has to be looked at.
  IF p_accepted = cardinality(p_ids) THEN
    RETURN p_ids;
  ELSIF p_accepted = 0 THEN
    RETURN '{}';
  END IF;
  RETURN ARRAY(SELECT d.id FROM unnest(p_ids, p_outcomes) WITH ORDINALITY AS d (id, outcome, ord) WHERE d.outcome <= 2 ORDER BY d.ord);
END $$;
CREATE FUNCTION public.adjust_holdings(p_sku_nos integer[], p_users uuid[], p_units integer[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
  FOR i IN 1 .. cardinality(p_users) LOOP
    UPDATE user_holdings SET units = units + p_units[i] WHERE sku_no = p_sku_nos[i] AND user_id = p_users[i];
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a user of SKU % has no holdings to change', p_sku_nos[i] USING ERRCODE = 'FS004';
    END IF;
  END LOOP;
END $$;
CREATE FUNCTION public.append_ledger(p_sku_no integer, p_seq integer, p_kind text, p_at timestamp with time zone, p_first_offset bigint, p_last_offset bigint, p_total_delta integer, p_reserved_delta integer, p_sold_delta integer, p_waitlisted_delta integer, p_digest bytea, p_refused integer[], p_moved uuid[], p_amount bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.change_states(p_ids uuid[], p_from smallint, p_to smallint, p_expires_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  v_changed integer;
  v record;
BEGIN
  UPDATE reservations SET state = p_to, expires_at = coalesce(p_expires_at, expires_at) WHERE id = ANY(p_ids) AND state = p_from;
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  IF v_changed <> cardinality(p_ids) THEN
    RAISE EXCEPTION '% of % reservations were in state %', v_changed, cardinality(p_ids), p_from USING ERRCODE = 'FS004';
  END IF;
  IF p_from = 2 AND p_to <> 1 THEN
    FOR v IN SELECT sku_no, user_id, count(*) AS entries FROM reservations WHERE id = ANY(p_ids) GROUP BY sku_no, user_id LOOP
      UPDATE user_holdings SET unpaid_holds = unpaid_holds - v.entries WHERE sku_no = v.sku_no AND user_id = v.user_id;
    END LOOP;
  END IF;
END $$;
CREATE FUNCTION public.confirm_by_call(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid, p_call uuid) RETURNS TABLE(outcome text, made boolean)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
  v_outcome text;
  v_confirmed_by uuid;
BEGIN
  SELECT c.outcome INTO v_outcome FROM confirm_reservation(p_reservation, p_user, p_attempt, p_order) c;
  IF v_outcome = 'confirmed' THEN
    UPDATE payment_attempts SET confirmed_by = coalesce(confirmed_by, p_call) WHERE attempt_id = p_attempt
    RETURNING confirmed_by INTO v_confirmed_by;
  END IF;
  RETURN QUERY SELECT v_outcome, coalesce(v_confirmed_by = p_call, false);
END $$;
CREATE FUNCTION public.confirm_reservation(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid) RETURNS TABLE(outcome text, sku_no integer, state smallint)
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.create_sku(p_topic text, p_sku_id text, p_name text, p_price_minor bigint, p_currency text, p_total integer, p_per_user_limit integer, p_hold_seconds integer, p_waitlist_limit integer, p_opens_at timestamp with time zone, p_closes_at timestamp with time zone, p_definition_hash bytea) RETURNS integer
    LANGUAGE sql
    AS $$
  SELECT create_sku(p_topic, p_sku_id, p_name, p_price_minor, p_currency, p_total, p_per_user_limit, p_hold_seconds, p_waitlist_limit,
                    p_opens_at, p_closes_at, p_definition_hash, 32767)
$$;
CREATE FUNCTION public.create_sku(p_topic text, p_sku_id text, p_name text, p_price_minor bigint, p_currency text, p_total integer, p_per_user_limit integer, p_hold_seconds integer, p_waitlist_limit integer, p_opens_at timestamp with time zone, p_closes_at timestamp with time zone, p_definition_hash bytea, p_max_unpaid_holds integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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
  INSERT INTO inventory (sku_id, partition, per_user_limit, hold_seconds, waitlist_limit, max_unpaid_holds, opens_at, closes_at)
  VALUES (p_sku_id, v_partition, p_per_user_limit, p_hold_seconds, p_waitlist_limit, p_max_unpaid_holds, p_opens_at, p_closes_at)
  RETURNING sku_no INTO v_sku_no;
  INSERT INTO event_progress (sku_no) VALUES (v_sku_no);
  PERFORM append_ledger(v_sku_no, 1, 'restocked', clock_timestamp(), NULL, NULL, p_total, 0, 0, 0, NULL, '{}', '{}', p_total);
  RETURN v_sku_no;
END $$;
CREATE FUNCTION public.expiry_resumed(p_outage_no integer) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  SELECT EXISTS (SELECT FROM server_life WHERE started_at = pg_postmaster_start_time() AND outage_no = p_outage_no)
$$;
CREATE FUNCTION public.extend_by_hand(p_sku_no integer, p_seconds integer) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
BEGIN
  RETURN QUERY SELECT extend_holds(ARRAY[p_sku_no]);
  PERFORM FROM inventory WHERE sku_no = p_sku_no FOR UPDATE;
  RETURN QUERY SELECT extend_sku(p_sku_no, make_interval(secs => p_seconds), clock_timestamp());
END $$;
CREATE FUNCTION public.extend_holds(p_sku_nos integer[]) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
  v_outage_no integer := note_outage();
  v record;
BEGIN
  PERFORM FROM inventory WHERE sku_no = ANY(p_sku_nos) AND outage_no < v_outage_no;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM FROM inventory WHERE sku_no = ANY(p_sku_nos) ORDER BY sku_no FOR UPDATE;
  FOR v IN SELECT i.sku_no, o.up_at - o.down_from AS length, o.down_from
             FROM inventory i JOIN outages o ON o.outage_no > i.outage_no
            WHERE i.sku_no = ANY(p_sku_nos) ORDER BY i.sku_no, o.outage_no LOOP
    RETURN QUERY SELECT extend_sku(v.sku_no, v.length, v.down_from);
  END LOOP;
  UPDATE inventory SET outage_no = v_outage_no WHERE sku_no = ANY(p_sku_nos) AND outage_no < v_outage_no;
END $$;
CREATE FUNCTION public.extend_once(p_sku_no integer, p_seconds integer, p_command uuid, p_hash bytea) RETURNS TABLE(is_same boolean, holds_extended integer, holds uuid[])
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
  v_known admin_commands%ROWTYPE;
  v_after_outage uuid[] := ARRAY(SELECT extend_holds(ARRAY[p_sku_no]));
  v_by_hand uuid[];
BEGIN
  PERFORM FROM inventory i WHERE i.sku_no = p_sku_no FOR UPDATE;
  SELECT * INTO v_known FROM admin_commands c WHERE c.command_id = p_command;
  IF FOUND THEN
    RETURN QUERY SELECT v_known.command_hash = p_hash, v_known.holds_extended,
                        ARRAY(SELECT r.id FROM reservations r WHERE r.sku_no = p_sku_no AND r.state = 1);
    RETURN;
  END IF;
  v_by_hand := ARRAY(SELECT extend_sku(p_sku_no, make_interval(secs => p_seconds), clock_timestamp()));
  INSERT INTO admin_commands (command_id, command_hash, holds_extended) VALUES (p_command, p_hash, cardinality(v_by_hand));
  RETURN QUERY SELECT true, cardinality(v_by_hand), v_after_outage || v_by_hand;
END $$;
CREATE FUNCTION public.extend_sku(p_sku_no integer, p_by interval, p_since timestamp with time zone) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
  c_most CONSTANT integer := 500;
  v inventory%ROWTYPE;
  v_ids uuid[];
  v_amount bigint := (extract(epoch FROM p_by) * 1000000)::bigint;
BEGIN
  v_ids := ARRAY(SELECT r.id FROM reservations r WHERE r.sku_no = p_sku_no AND r.state = 1 AND r.expires_at > p_since
                  ORDER BY r.sku_no, r.expires_at);
  FOR v_from IN 1 .. cardinality(v_ids) BY c_most LOOP
    UPDATE reservations SET expires_at = expires_at + p_by WHERE id = ANY(v_ids[v_from : v_from + c_most - 1]);
    SELECT * INTO STRICT v FROM inventory WHERE sku_no = p_sku_no;
    PERFORM append_ledger(p_sku_no, v.seq + 1, 'extended', greatest(clock_timestamp(), v.ledger_at), NULL, NULL, 0, 0, 0, 0,
                          NULL, '{}', v_ids[v_from : v_from + c_most - 1], v_amount);
  END LOOP;
  RETURN QUERY SELECT unnest(v_ids);
END $$;
CREATE FUNCTION public.instant(p_microseconds bigint) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT timestamptz 'epoch' + p_microseconds * interval '1 microsecond'
$$;
CREATE FUNCTION public.keep_price() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  -- The lock of the SKU: an opening that is under way comes first, and the price of an open sale stays.
  PERFORM FROM inventory WHERE sku_id = OLD.sku_id FOR UPDATE;
  IF EXISTS (SELECT FROM inventory
              WHERE sku_id = OLD.sku_id AND (status <> 'draft' OR opens_at <= clock_timestamp())) THEN
    RAISE EXCEPTION 'the sale of % has left draft: its price stays', OLD.sku_id USING ERRCODE = 'FS007';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.keep_product() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'SKU % stays the product it is', OLD.sku_id USING ERRCODE = 'FS007';
END $$;
CREATE FUNCTION public.leave_waitlist(p_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  v_deleted integer;
BEGIN
  DELETE FROM waitlist WHERE id = ANY(p_ids);
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  IF v_deleted <> cardinality(p_ids) THEN
    RAISE EXCEPTION '% of % entries were on the waitlist', v_deleted, cardinality(p_ids) USING ERRCODE = 'FS004';
  END IF;
END $$;
CREATE FUNCTION public.ledger_hash(p_prev_hash bytea, p_sku_no integer, p_seq integer, p_kind text, p_first_offset bigint, p_last_offset bigint, p_at timestamp with time zone, p_total integer, p_reserved integer, p_sold integer, p_digest bytea, p_refused integer[], p_moved uuid[], p_amount bigint) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
BEGIN
  RETURN sha256(
    p_prev_hash || int4send(p_sku_no) || int4send(p_seq) || convert_to(p_kind, 'UTF8') || '\x00'
    || int8send(coalesce(p_first_offset, -1)) || int8send(coalesce(p_last_offset, -1)) || timestamptz_send(p_at)
    || int4send(p_total) || int4send(p_reserved) || int4send(p_sold) || coalesce(p_digest, '\x')
    || convert_to(array_to_string(p_refused, ','), 'UTF8') || '\x00'
    || decode(replace(array_to_string(p_moved, ''), '-', ''), 'hex') || int8send(p_amount)
  );
END $$;
CREATE FUNCTION public.lock_partition(p_topic text, p_partition integer, p_expected bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
  -- A statement of its own, with a snapshot from after the lock.
  PERFORM FROM inventory WHERE partition = p_partition AND frozen LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the line of %-% is frozen', p_topic, p_partition USING ERRCODE = 'FS005';
  END IF;
END $$;
CREATE FUNCTION public.max_passed() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT 10 $$;
CREATE FUNCTION public.microseconds(p_at timestamp with time zone) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  SELECT (extract(epoch FROM p_at) * 1000000)::bigint
$$;
CREATE FUNCTION public.note_outage() RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
  v server_life%ROWTYPE;
BEGIN
  SELECT * INTO STRICT v FROM server_life;
  IF v.started_at = pg_postmaster_start_time() THEN
    RETURN v.outage_no;
  END IF;
  SELECT * INTO STRICT v FROM server_life FOR UPDATE;
  IF v.started_at <> pg_postmaster_start_time() THEN
    v.outage_no := v.outage_no + 1;
    -- What this server has committed since its start is no sign of the one before.
    INSERT INTO outages (outage_no, down_from, up_at)
    SELECT v.outage_no, greatest(v.alive_at, max(ledger_at) FILTER (WHERE ledger_at < pg_postmaster_start_time())), clock_timestamp() FROM inventory;
    UPDATE server_life SET started_at = pg_postmaster_start_time(), alive_at = clock_timestamp(), outage_no = v.outage_no;
  END IF;
  RETURN v.outage_no;
END $$;
CREATE FUNCTION public.place_of(p_seq integer, p_ord smallint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_seq * 65536::bigint + p_ord $$;
CREATE FUNCTION public.sign_of_life() RETURNS SETOF integer
    LANGUAGE plpgsql
    AS $$
DECLARE
  v_outage_no integer := note_outage();
BEGIN
  UPDATE server_life SET alive_at = clock_timestamp() WHERE alive_at < clock_timestamp();
  RETURN QUERY SELECT sku_no FROM inventory WHERE resting_since IS NULL AND reserved_count > 0 AND outage_no < v_outage_no ORDER BY sku_no;
END $$;
CREATE FUNCTION public.wake_sale() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.resting_since := NULL;
  RETURN NEW;
END $$;
CREATE FUNCTION public.write_batch(p_topic text, p_partition integer, p_expected bigint, p_next bigint, p_now bigint, p_sku_nos integer[], p_seqs integer[], p_statuses text[], p_available integer[], p_waitlisted integer[], p_until timestamp with time zone[], p_firsts bigint[], p_lasts bigint[], p_units integer[], p_digests bytea, p_counters integer[], p_sales smallint[], p_ords smallint[], p_outcomes smallint[], p_quantities integer[], p_ids uuid[], p_users uuid[], p_owners integer[], p_body_hashes integer[], p_holder_sales smallint[], p_holders uuid[], p_holder_units integer[], p_refused_users uuid[], OUT decided_at bigint, OUT seqs integer[], OUT totals integer[], OUT reserved integer[], OUT sold integer[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
  v_now timestamptz := instant(p_now);
  v_sku_nos integer[];
  v_seqs integer[];
  v_statuses text[];
  v_available integer[];
  v_waitlisted integer[];
  v_heads bytea[];
  v_caps integer[];
  v_unpaid_caps integer[];
  v_width integer := cardinality(p_counters) / nullif(cardinality(p_sku_nos), 0);
  v_accepted integer := 0;
  v record;
  v_holds interval[];
  v_ledger_at timestamptz;
  v_digest bytea;
  v_refused integer[];
  v_after inventory%ROWTYPE;
  v_is_new boolean;
  v_from integer := 1;
  v_to integer;
  c integer;
BEGIN
  IF v_now IS NULL THEN
    PERFORM lock_partition(p_topic, p_partition, p_expected);
  END IF;
  WITH locked AS MATERIALIZED (SELECT * FROM inventory WHERE sku_no = ANY(p_sku_nos) ORDER BY sku_no FOR UPDATE)
  SELECT array_agg(sku_no), array_agg(seq), array_agg(status), array_agg(total_stock - reserved_count - sold_count), array_agg(waitlisted),
         array_agg(head_hash), array_agg(per_user_limit), array_agg(max_unpaid_holds), array_agg(hold_seconds * interval '1 second'),
         max(ledger_at)
    INTO v_sku_nos, v_seqs, v_statuses, v_available, v_waitlisted, v_heads, v_caps, v_unpaid_caps, v_holds, v_ledger_at
    FROM locked;
  IF v_now IS NOT NULL THEN
    IF v_seqs <> p_seqs OR v_now < v_ledger_at THEN
      RAISE EXCEPTION 'ledgers are at %, the batch was decided for %', v_seqs, p_seqs USING ERRCODE = 'FS003';
    END IF;
  ELSE
    -- The clock is read after the locks: a wait must not shorten a hold.
    v_now := greatest(clock_timestamp(), v_ledger_at);
    IF (v_sku_nos, v_statuses, v_available, v_waitlisted) IS DISTINCT FROM (p_sku_nos, p_statuses, p_available, p_waitlisted) THEN
      RAISE EXCEPTION 'a sale is not as the batch was decided for' USING ERRCODE = 'FS003';
    END IF;
    FOR i IN 1 .. cardinality(p_sku_nos) LOOP
      -- The index is walked in its own order to the first row: an EXISTS would be planned as a scan of all holds.
      PERFORM FROM reservations r WHERE r.sku_no = p_sku_nos[i] AND r.state = 1 AND r.expires_at <= v_now
        ORDER BY r.sku_no, r.expires_at LIMIT 1;
      IF FOUND OR v_now >= p_until[i] THEN
        RAISE EXCEPTION 'something of SKU % is due by time', p_sku_nos[i] USING ERRCODE = 'FS003';
      END IF;
    END LOOP;
    IF cardinality(p_refused_users) > 0 THEN
      -- One walk over the index. A user with units of another SKU of the batch sends the batch back, too: this costs time and
      -- changes nothing.
      PERFORM FROM user_holdings h WHERE h.user_id = ANY(p_refused_users) AND h.sku_no = ANY(p_sku_nos) LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION 'a user of the batch is no newcomer' USING ERRCODE = 'FS003';
      END IF;
    END IF;
  END IF;
  INSERT INTO reservations (expires_at, sku_no, seq, ord, outcome, state, quantity, id, user_id, owner, body_hash)
  SELECT CASE WHEN d.outcome = 1 THEN v_now + v_holds[d.sale] END, p_sku_nos[d.sale], v_seqs[d.sale] + 1, d.ord, d.outcome,
         CASE WHEN d.outcome <= 2 THEN d.outcome ELSE 0 END, d.quantity, d.id, d.user_id, d.owner, d.body_hash
    -- In the select list the arrays are walked side by side; in FROM each would be written to a store of its own first (1.6 times
    -- as long).
    FROM (SELECT unnest(p_sales) AS sale, unnest(p_ords) AS ord, unnest(p_outcomes) AS outcome, unnest(p_quantities) AS quantity,
                 unnest(p_ids) AS id, unnest(p_users) AS user_id, unnest(p_owners) AS owner, unnest(p_body_hashes) AS body_hash) d;
  INSERT INTO user_holdings (sku_no, user_id, units, cap, unpaid_holds, unpaid_cap)
  SELECT p_sku_nos[h.sale], h.user_id, h.units, v_caps[h.sale], 1, v_unpaid_caps[h.sale]
    FROM (SELECT unnest(p_holder_sales) AS sale, unnest(p_holders) AS user_id, unnest(p_holder_units) AS units) h;
  FOR i IN 1 .. cardinality(p_sku_nos) LOOP
    v_accepted := v_accepted + p_counters[(i - 1) * v_width + 1] + p_counters[(i - 1) * v_width + 2];
  END LOOP;
  -- In a rush everybody who is accepted is a newcomer with one request. The others' further holds are added one by one.
  IF v_accepted <> cardinality(p_holders) THEN
    FOR v IN
      SELECT g.sale, g.user_id, sum(g.holds) AS holds
        FROM (SELECT d.sale, d.user_id, 1 AS holds FROM unnest(p_sales, p_outcomes, p_users) AS d (sale, outcome, user_id) WHERE d.outcome <= 2
              UNION ALL
              SELECT h.sale, h.user_id, -1 FROM unnest(p_holder_sales, p_holders) AS h (sale, user_id)) g
       GROUP BY g.sale, g.user_id HAVING sum(g.holds) > 0
    LOOP
      UPDATE user_holdings SET unpaid_holds = unpaid_holds + v.holds WHERE sku_no = p_sku_nos[v.sale] AND user_id = v.user_id;
    END LOOP;
  END IF;
  FOR i IN 1 .. cardinality(p_sku_nos) LOOP
    c := (i - 1) * v_width;
    v_is_new := p_firsts[i] IS NOT NULL;
    v_digest := substr(p_digests, (i - 1) * 32 + 1, 32);
    v_refused := p_counters[c + 3 : c + v_width - 2];
    v_to := v_from - 1 + p_counters[c + 1] + p_counters[c + 2]
            + p_counters[c + 3] + p_counters[c + 4] + p_counters[c + 5] + p_counters[c + 6] + p_counters[c + 7]
            + coalesce(v_refused[6], 0);
    UPDATE inventory
       SET seq = seq + v_is_new::integer,
           head_hash = CASE WHEN v_is_new THEN
             ledger_hash(head_hash, sku_no, seq + 1, 'decided', p_firsts[i], p_lasts[i], v_now, total_stock, reserved_count + p_units[i],
                         sold_count, v_digest, v_refused, '{}', p_units[i]) ELSE head_hash END,
           ledger_at = CASE WHEN v_is_new THEN v_now ELSE ledger_at END,
           reserved_count = reserved_count + p_units[i], waitlisted = waitlisted + p_counters[c + 2],
           decided_reserved = decided_reserved + p_counters[c + 1], decided_waitlisted = decided_waitlisted + p_counters[c + 2],
           refused_sold_out = refused_sold_out + p_counters[c + 3], refused_user_limit = refused_user_limit + p_counters[c + 4],
           refused_sale_not_open = refused_sale_not_open + p_counters[c + 5], refused_sale_closed = refused_sale_closed + p_counters[c + 6],
           refused_invalid = refused_invalid + p_counters[c + 7], refused_hold_limit = refused_hold_limit + coalesce(v_refused[6], 0),
           duplicates = duplicates + p_counters[c + v_width - 1], conflicts = conflicts + p_counters[c + v_width]
     WHERE sku_no = p_sku_nos[i]
    RETURNING * INTO v_after;
    IF v_is_new THEN
      INSERT INTO ledger (sku_no, seq, kind, first_offset, last_offset, at, total_after, reserved_after, sold_after,
                          digest, refused, moved, amount, prev_hash, hash, accepted)
      VALUES (v_after.sku_no, v_after.seq, 'decided', p_firsts[i], p_lasts[i], v_now, v_after.total_stock, v_after.reserved_count,
              v_after.sold_count, v_digest, v_refused, '{}', p_units[i], v_heads[i], v_after.head_hash,
              accepted_of(p_ids[v_from : v_to], p_outcomes[v_from : v_to], p_counters[c + 1] + p_counters[c + 2]));
    END IF;
    IF p_counters[c + 1] > 0 AND v_waitlisted[i] > 0 THEN
      UPDATE waitlist SET passed = passed + p_counters[c + 1] WHERE sku_no = v_after.sku_no;
    END IF;
    IF p_counters[c + 2] > 0 THEN
      INSERT INTO waitlist (sku_no, seq, ord, id, user_id, quantity, passed)
      SELECT v_after.sku_no, v_after.seq, n.ord, n.id, n.user_id, n.quantity, n.passed
        FROM (SELECT d.*, count(*) FILTER (WHERE d.outcome = 1) OVER (ORDER BY d.ord DESC) AS passed
                FROM unnest(p_sales, p_ords, p_outcomes, p_quantities, p_ids, p_users) AS d (sale, ord, outcome, quantity, id, user_id)
               WHERE d.sale = i) n
       WHERE n.outcome = 2;
    END IF;
    seqs := seqs || v_after.seq;
    totals := totals || v_after.total_stock;
    reserved := reserved || v_after.reserved_count;
    sold := sold || v_after.sold_count;
    v_from := v_to + 1;
  END LOOP;
  UPDATE partition_progress SET next_offset = p_next WHERE topic = p_topic AND partition = p_partition;
  decided_at := microseconds(v_now);
END $$;
CREATE FUNCTION public.write_direct(p_sku_no integer, p_seq integer, p_epoch integer, p_now bigint, p_outcome smallint, p_quantity integer, p_id uuid, p_user uuid, p_owner integer, p_body_hash integer, p_first_units boolean, p_digest bytea, p_refused integer[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE TABLE public.admin_commands (
    command_id uuid NOT NULL,
    command_hash bytea NOT NULL,
    holds_extended integer,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE public.batch_calls (
    call_id uuid NOT NULL,
    body_hash bytea NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE public.event_progress (
    sku_no integer NOT NULL,
    published_seq integer DEFAULT 0 NOT NULL,
    claim uuid,
    claimed_until timestamp with time zone
)
WITH (fillfactor='10');
CREATE TABLE public.inventory (
    sku_no integer NOT NULL,
    sku_id text NOT NULL,
    partition integer NOT NULL,
    per_user_limit integer NOT NULL,
    hold_seconds integer NOT NULL,
    waitlist_limit integer NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    mode text DEFAULT 'batch'::text NOT NULL,
    resume_mode text DEFAULT 'batch'::text NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    total_stock integer DEFAULT 0 NOT NULL,
    reserved_count integer DEFAULT 0 NOT NULL,
    sold_count integer DEFAULT 0 NOT NULL,
    waitlisted integer DEFAULT 0 NOT NULL,
    seq integer DEFAULT 0 NOT NULL,
    head_hash bytea DEFAULT '\x'::bytea NOT NULL,
    ledger_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    decided_reserved bigint DEFAULT 0 NOT NULL,
    decided_waitlisted bigint DEFAULT 0 NOT NULL,
    refused_sold_out bigint DEFAULT 0 NOT NULL,
    refused_user_limit bigint DEFAULT 0 NOT NULL,
    refused_sale_not_open bigint DEFAULT 0 NOT NULL,
    refused_sale_closed bigint DEFAULT 0 NOT NULL,
    refused_invalid bigint DEFAULT 0 NOT NULL,
    duplicates bigint DEFAULT 0 NOT NULL,
    conflicts bigint DEFAULT 0 NOT NULL,
    frozen boolean DEFAULT false NOT NULL,
    outage_no integer DEFAULT 0 NOT NULL,
    max_unpaid_holds integer DEFAULT 32767 NOT NULL,
    refused_hold_limit bigint DEFAULT 0 NOT NULL,
    resting_since timestamp with time zone,
    CONSTRAINT frozen_is_halted CHECK (((NOT frozen) OR (mode = 'halted'::text))),
    CONSTRAINT inventory_hold_seconds_check CHECK ((hold_seconds > 0)),
    CONSTRAINT inventory_max_unpaid_holds_check CHECK (((max_unpaid_holds >= 1) AND (max_unpaid_holds <= 32767))),
    CONSTRAINT inventory_mode_check CHECK ((mode = ANY (ARRAY['batch'::text, 'direct'::text, 'halted'::text]))),
    CONSTRAINT inventory_partition_check CHECK ((partition >= 0)),
    CONSTRAINT inventory_per_user_limit_check CHECK ((per_user_limit > 0)),
    CONSTRAINT inventory_reserved_count_check CHECK ((reserved_count >= 0)),
    CONSTRAINT inventory_resume_mode_check CHECK ((resume_mode = ANY (ARRAY['batch'::text, 'direct'::text]))),
    CONSTRAINT inventory_sold_count_check CHECK ((sold_count >= 0)),
    CONSTRAINT inventory_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'open'::text, 'closed'::text]))),
    CONSTRAINT inventory_waitlist_limit_check CHECK ((waitlist_limit >= 0)),
    CONSTRAINT inventory_waitlisted_check CHECK ((waitlisted >= 0)),
    CONSTRAINT never_oversold CHECK (((reserved_count + sold_count) <= total_stock)),
    CONSTRAINT nothing_is_held_at_rest CHECK (((resting_since IS NULL) OR ((reserved_count = 0) AND (waitlisted = 0))))
)
WITH (fillfactor='10');
ALTER TABLE public.inventory ALTER COLUMN sku_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inventory_sku_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger (
    sku_no integer NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    first_offset bigint,
    last_offset bigint,
    at timestamp with time zone NOT NULL,
    total_after integer NOT NULL,
    reserved_after integer NOT NULL,
    sold_after integer NOT NULL,
    digest bytea,
    refused integer[] NOT NULL,
    moved uuid[] NOT NULL,
    amount bigint NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    accepted uuid[] DEFAULT '{}'::uuid[] NOT NULL
);
ALTER TABLE ONLY public.ledger ALTER COLUMN accepted SET STORAGE EXTERNAL;
CREATE TABLE public.migrations (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    run_on timestamp without time zone NOT NULL
);
CREATE SEQUENCE public.migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.migrations_id_seq OWNED BY public.migrations.id;
CREATE TABLE public.orders (
    order_id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    sku_no integer NOT NULL,
    sku_id text NOT NULL,
    quantity smallint NOT NULL,
    amount_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    status text DEFAULT 'PENDING_CAPTURE'::text NOT NULL,
    attempt_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['PENDING_CAPTURE'::text, 'PAID'::text, 'FAILED'::text, 'REFUNDED'::text])))
);
CREATE TABLE public.outages (
    outage_no integer NOT NULL,
    down_from timestamp with time zone NOT NULL,
    up_at timestamp with time zone NOT NULL
);
CREATE TABLE public.partition_progress (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL
)
WITH (fillfactor='10');
CREATE TABLE public.payment_attempts (
    attempt_id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    sku_no integer NOT NULL,
    body_hash integer NOT NULL,
    amount_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    status text DEFAULT 'OPEN'::text NOT NULL,
    provider_ref text,
    decline_code text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    confirmed_by uuid,
    CONSTRAINT payment_attempts_status_check CHECK ((status = ANY (ARRAY['OPEN'::text, 'ACTION_REQUIRED'::text, 'AUTHORISED'::text, 'DECLINED'::text, 'CONFIRMED'::text, 'ABANDONED'::text])))
);
CREATE TABLE public.payment_retries (
    work text NOT NULL,
    attempt_id uuid NOT NULL,
    tries integer DEFAULT 1 NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_at timestamp with time zone NOT NULL,
    last_error text,
    CONSTRAINT payment_retries_tries_check CHECK ((tries > 0)),
    CONSTRAINT payment_retries_work_check CHECK ((work = ANY (ARRAY['capture'::text, 'give-back'::text, 'complete'::text])))
)
WITH (fillfactor='70');
CREATE TABLE public.products (
    sku_id text NOT NULL,
    name text NOT NULL,
    price_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    definition_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT products_price_minor_check CHECK ((price_minor >= 0))
);
CREATE TABLE public.quarantine (
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    sha256 bytea NOT NULL,
    reason text NOT NULL,
    raw bytea NOT NULL,
    quarantined_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE public.reservations (
    expires_at timestamp with time zone,
    sku_no integer NOT NULL,
    seq integer NOT NULL,
    ord smallint NOT NULL,
    outcome smallint NOT NULL,
    state smallint NOT NULL,
    quantity smallint NOT NULL,
    id uuid NOT NULL,
    user_id uuid,
    owner integer NOT NULL,
    body_hash integer NOT NULL
)
WITH (fillfactor='90');
CREATE TABLE public.server_life (
    only_row boolean DEFAULT true NOT NULL,
    started_at timestamp with time zone DEFAULT pg_postmaster_start_time() NOT NULL,
    alive_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    outage_no integer DEFAULT 0 NOT NULL,
    CONSTRAINT server_life_only_row_check CHECK (only_row)
)
WITH (fillfactor='10');
CREATE TABLE public.user_holdings (
    sku_no integer NOT NULL,
    user_id uuid NOT NULL,
    units smallint NOT NULL,
    cap smallint NOT NULL,
    unpaid_holds smallint DEFAULT 0 NOT NULL,
    unpaid_cap smallint DEFAULT 32767 NOT NULL,
    CONSTRAINT within_hold_limit CHECK (((unpaid_holds >= 0) AND (unpaid_holds <= unpaid_cap))),
    CONSTRAINT within_user_limit CHECK (((units >= 0) AND (units <= cap)))
)
WITH (fillfactor='80');
CREATE TABLE public.waitlist (
    sku_no integer NOT NULL,
    seq integer NOT NULL,
    ord smallint NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    quantity smallint NOT NULL,
    passed integer DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);
INSERT INTO public.migrations VALUES (1, '0001_sale', '2026-11-30 12:22:06.284044');
INSERT INTO public.migrations VALUES (2, '0002_transitions', '2026-11-30 12:22:06.462609');
INSERT INTO public.migrations VALUES (3, '0003_roles', '2026-11-30 12:22:06.561685');
INSERT INTO public.migrations VALUES (4, '0004_write_batch', '2026-11-30 12:22:06.629555');
INSERT INTO public.migrations VALUES (5, '0005_accepted_in_ledger', '2026-11-30 12:22:06.665562');
INSERT INTO public.migrations VALUES (6, '0006_modes', '2026-11-30 12:22:06.71178');
INSERT INTO public.migrations VALUES (7, '0007_hold_extension', '2026-11-30 12:22:06.74264');
INSERT INTO public.migrations VALUES (8, '0009_hold_limit', '2026-11-30 12:22:06.803778');
INSERT INTO public.migrations VALUES (9, '0010_money', '2026-11-30 12:22:06.861135');
INSERT INTO public.migrations VALUES (10, '0011_relay_lease', '2026-11-30 12:22:06.90741');
INSERT INTO public.migrations VALUES (11, '0012_idempotent_commands', '2026-11-30 12:22:06.92565');
INSERT INTO public.migrations VALUES (12, '0013_sales_at_rest', '2026-11-30 12:22:06.992947');
SELECT pg_catalog.setval('public.inventory_sku_no_seq', 1, false);
SELECT pg_catalog.setval('public.migrations_id_seq', 12, true);
ALTER TABLE ONLY public.admin_commands
    ADD CONSTRAINT admin_commands_pkey PRIMARY KEY (command_id);
ALTER TABLE ONLY public.batch_calls
    ADD CONSTRAINT batch_calls_pkey PRIMARY KEY (call_id);
ALTER TABLE ONLY public.event_progress
    ADD CONSTRAINT event_progress_pkey PRIMARY KEY (sku_no);
ALTER TABLE ONLY public.inventory
    ADD CONSTRAINT inventory_pkey PRIMARY KEY (sku_no);
ALTER TABLE ONLY public.inventory
    ADD CONSTRAINT inventory_sku_id_key UNIQUE (sku_id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (sku_no, seq);
ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_attempt_id_key UNIQUE (attempt_id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_reservation_id_key UNIQUE (reservation_id);
ALTER TABLE ONLY public.outages
    ADD CONSTRAINT outages_pkey PRIMARY KEY (outage_no);
ALTER TABLE ONLY public.partition_progress
    ADD CONSTRAINT partition_progress_pkey PRIMARY KEY (topic, partition);
ALTER TABLE ONLY public.payment_attempts
    ADD CONSTRAINT payment_attempts_pkey PRIMARY KEY (attempt_id);
ALTER TABLE ONLY public.payment_retries
    ADD CONSTRAINT payment_retries_pkey PRIMARY KEY (work, attempt_id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (sku_id);
ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (topic, partition, "offset");
ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.server_life
    ADD CONSTRAINT server_life_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY public.user_holdings
    ADD CONSTRAINT user_holdings_pkey PRIMARY KEY (user_id, sku_no);
ALTER TABLE ONLY public.waitlist
    ADD CONSTRAINT waitlist_id_key UNIQUE (id);
ALTER TABLE ONLY public.waitlist
    ADD CONSTRAINT waitlist_pkey PRIMARY KEY (sku_no, seq, ord);
CREATE INDEX admin_commands_seen ON public.admin_commands USING btree (seen_at);
CREATE INDEX batch_calls_seen ON public.batch_calls USING btree (seen_at);
CREATE INDEX inventory_closing ON public.inventory USING btree (closes_at) WHERE (status <> 'closed'::text);
CREATE INDEX inventory_frozen ON public.inventory USING btree (partition) WHERE frozen;
CREATE INDEX inventory_in_motion ON public.inventory USING btree (sku_no) WHERE (resting_since IS NULL);
CREATE INDEX inventory_living ON public.inventory USING btree (partition, sku_no) WHERE (status <> 'closed'::text);
CREATE UNIQUE INDEX one_open_attempt ON public.payment_attempts USING btree (reservation_id) WHERE (status = ANY (ARRAY['OPEN'::text, 'ACTION_REQUIRED'::text, 'AUTHORISED'::text]));
CREATE INDEX orders_of_user ON public.orders USING btree (user_id, created_at);
CREATE INDEX orders_to_capture ON public.orders USING btree (created_at) WHERE (status = 'PENDING_CAPTURE'::text);
CREATE INDEX reservations_overdue ON public.reservations USING btree (sku_no, expires_at) WHERE (state = 1);
CREATE INDEX unsettled_attempts ON public.payment_attempts USING btree (created_at) WHERE (settled_at IS NULL);
CREATE TRIGGER price_stays BEFORE UPDATE ON public.products FOR EACH ROW WHEN ((((new.price_minor IS DISTINCT FROM old.price_minor) OR (new.currency IS DISTINCT FROM old.currency)) OR (new.sku_id IS DISTINCT FROM old.sku_id))) EXECUTE FUNCTION public.keep_price();
CREATE TRIGGER product_stays BEFORE UPDATE OF sku_id ON public.inventory FOR EACH ROW WHEN ((new.sku_id IS DISTINCT FROM old.sku_id)) EXECUTE FUNCTION public.keep_product();
CREATE TRIGGER wake_sale BEFORE UPDATE ON public.inventory FOR EACH ROW WHEN (((old.resting_since IS NOT NULL) AND (new.resting_since IS NOT NULL))) EXECUTE FUNCTION public.wake_sale();
ALTER TABLE ONLY public.event_progress
    ADD CONSTRAINT event_progress_sku_no_fkey FOREIGN KEY (sku_no) REFERENCES public.inventory(sku_no);
ALTER TABLE ONLY public.inventory
    ADD CONSTRAINT inventory_sku_id_fkey FOREIGN KEY (sku_id) REFERENCES public.products(sku_id);
GRANT SELECT,INSERT,DELETE ON TABLE public.admin_commands TO flash_transition;
GRANT SELECT,INSERT,DELETE ON TABLE public.batch_calls TO flash_transition;
GRANT UPDATE(seen_at) ON TABLE public.batch_calls TO flash_transition;
GRANT SELECT ON TABLE public.event_progress TO flash_reader;
GRANT SELECT ON TABLE public.event_progress TO flash_transition;
GRANT SELECT ON TABLE public.event_progress TO flash_checkout;
GRANT INSERT ON TABLE public.event_progress TO flash_admin;
GRANT SELECT,UPDATE ON TABLE public.event_progress TO flash_relay;
GRANT SELECT ON TABLE public.inventory TO flash_reader;
GRANT SELECT,UPDATE ON TABLE public.inventory TO flash_transition;
GRANT SELECT,UPDATE ON TABLE public.inventory TO flash_checkout;
GRANT INSERT ON TABLE public.inventory TO flash_admin;
GRANT SELECT ON TABLE public.inventory TO flash_relay;
GRANT SELECT ON TABLE public.ledger TO flash_reader;
GRANT SELECT,INSERT ON TABLE public.ledger TO flash_transition;
GRANT SELECT,INSERT ON TABLE public.ledger TO flash_checkout;
GRANT SELECT ON TABLE public.ledger TO flash_relay;
GRANT SELECT ON TABLE public.migrations TO flash_reader;
GRANT SELECT ON TABLE public.migrations TO flash_transition;
GRANT SELECT ON TABLE public.migrations TO flash_checkout;
GRANT SELECT ON TABLE public.migrations TO flash_relay;
GRANT SELECT ON TABLE public.orders TO flash_reader;
GRANT SELECT ON TABLE public.orders TO flash_transition;
GRANT SELECT,INSERT ON TABLE public.orders TO flash_checkout;
GRANT SELECT ON TABLE public.orders TO flash_relay;
GRANT UPDATE(status) ON TABLE public.orders TO flash_transition;
GRANT SELECT ON TABLE public.outages TO flash_reader;
GRANT SELECT,INSERT ON TABLE public.outages TO flash_transition;
GRANT SELECT ON TABLE public.outages TO flash_checkout;
GRANT SELECT ON TABLE public.outages TO flash_relay;
GRANT SELECT ON TABLE public.partition_progress TO flash_reader;
GRANT SELECT,UPDATE ON TABLE public.partition_progress TO flash_transition;
GRANT SELECT ON TABLE public.partition_progress TO flash_checkout;
GRANT SELECT ON TABLE public.partition_progress TO flash_relay;
GRANT SELECT,INSERT ON TABLE public.partition_progress TO flash_provisioner;
GRANT SELECT ON TABLE public.payment_attempts TO flash_reader;
GRANT SELECT ON TABLE public.payment_attempts TO flash_transition;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payment_attempts TO flash_checkout;
GRANT SELECT ON TABLE public.payment_attempts TO flash_relay;
GRANT UPDATE(status) ON TABLE public.payment_attempts TO flash_transition;
GRANT UPDATE(updated_at) ON TABLE public.payment_attempts TO flash_transition;
GRANT UPDATE(settled_at) ON TABLE public.payment_attempts TO flash_transition;
GRANT SELECT ON TABLE public.payment_retries TO flash_reader;
GRANT SELECT ON TABLE public.payment_retries TO flash_relay;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_retries TO flash_transition;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_retries TO flash_checkout;
GRANT SELECT ON TABLE public.products TO flash_reader;
GRANT SELECT ON TABLE public.products TO flash_transition;
GRANT SELECT ON TABLE public.products TO flash_checkout;
GRANT INSERT ON TABLE public.products TO flash_admin;
GRANT SELECT ON TABLE public.products TO flash_relay;
GRANT SELECT ON TABLE public.quarantine TO flash_reader;
GRANT SELECT,INSERT ON TABLE public.quarantine TO flash_transition;
GRANT SELECT ON TABLE public.quarantine TO flash_checkout;
GRANT SELECT ON TABLE public.quarantine TO flash_relay;
GRANT SELECT ON TABLE public.reservations TO flash_reader;
GRANT SELECT,INSERT ON TABLE public.reservations TO flash_transition;
GRANT SELECT ON TABLE public.reservations TO flash_checkout;
GRANT SELECT ON TABLE public.reservations TO flash_relay;
GRANT UPDATE(expires_at) ON TABLE public.reservations TO flash_transition;
GRANT UPDATE(state) ON TABLE public.reservations TO flash_transition;
GRANT UPDATE(state) ON TABLE public.reservations TO flash_checkout;
GRANT SELECT ON TABLE public.server_life TO flash_reader;
GRANT SELECT,UPDATE ON TABLE public.server_life TO flash_transition;
GRANT SELECT ON TABLE public.server_life TO flash_checkout;
GRANT SELECT ON TABLE public.server_life TO flash_relay;
GRANT SELECT ON TABLE public.user_holdings TO flash_reader;
GRANT SELECT,INSERT ON TABLE public.user_holdings TO flash_transition;
GRANT SELECT ON TABLE public.user_holdings TO flash_checkout;
GRANT SELECT ON TABLE public.user_holdings TO flash_relay;
GRANT UPDATE(units) ON TABLE public.user_holdings TO flash_transition;
GRANT UPDATE(cap) ON TABLE public.user_holdings TO flash_transition;
GRANT UPDATE(unpaid_holds) ON TABLE public.user_holdings TO flash_transition;
GRANT UPDATE(unpaid_holds) ON TABLE public.user_holdings TO flash_checkout;
GRANT SELECT ON TABLE public.waitlist TO flash_reader;
GRANT SELECT,INSERT,DELETE ON TABLE public.waitlist TO flash_transition;
GRANT SELECT ON TABLE public.waitlist TO flash_checkout;
GRANT SELECT ON TABLE public.waitlist TO flash_relay;
GRANT UPDATE(passed) ON TABLE public.waitlist TO flash_transition;
INSERT INTO public.server_life DEFAULT VALUES;
