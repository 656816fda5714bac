-- Two limits of what one shopper may do to others: holds that are never paid, and a waiter who is passed by smaller requests.
--
-- A user who lets holds run out, or gives them back, does not get new ones without end: a limit per SKU of holds that were not paid (ADR 0023).
-- Every function keeps its signature, and the counts are kept by the functions that version N-1 calls, too; that version applies no limit,
-- and the CHECK refuses the hold beyond it.

-- What a SKU allowed before there was a limit: as much as the column of the counts can hold.
ALTER TABLE inventory
  ADD COLUMN max_unpaid_holds integer NOT NULL DEFAULT 32767 CHECK (max_unpaid_holds BETWEEN 1 AND 32767),
  ADD COLUMN refused_hold_limit bigint NOT NULL DEFAULT 0;

-- unpaid_holds: the reservations of a user that are or were a hold, or wait for one, and were not paid: RESERVED, WAITLISTED, EXPIRED, and
-- CANCELLED where there was a hold. One more with each request that is granted or waitlisted; one less when it is paid, and when an
-- entry leaves the waitlist without having been a hold. `unpaid_cap` is the tripwire behind the limit that the code applies.
ALTER TABLE user_holdings
  ADD COLUMN unpaid_holds smallint NOT NULL DEFAULT 0,
  ADD COLUMN unpaid_cap smallint NOT NULL DEFAULT 32767,
  ADD CONSTRAINT within_hold_limit CHECK (unpaid_holds BETWEEN 0 AND unpaid_cap);

UPDATE user_holdings h SET unpaid_holds = r.holds
  FROM (SELECT sku_no, user_id, count(*) AS holds FROM reservations
         WHERE state IN (1, 2, 4) OR (state = 5 AND expires_at IS NOT NULL) GROUP BY sku_no, user_id) r
 WHERE r.sku_no = h.sku_no AND r.user_id = h.user_id;

GRANT UPDATE (unpaid_holds) ON user_holdings TO flash_transition, flash_checkout;

-- max_passed: grants to somebody later that an entry of the waitlist stands, before everything behind it waits for it (ADR 0024). The code's
-- constant is `maxPassed`.
CREATE FUNCTION max_passed() RETURNS integer IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$ SELECT 10 $$;

-- Counted by place: each grant passes every entry that waits before the one who got it.
ALTER TABLE waitlist ADD COLUMN passed integer NOT NULL DEFAULT 0;
GRANT UPDATE (passed) ON waitlist TO flash_transition;

-- place_of: a place in line as one number; `ord` is a smallint.
CREATE FUNCTION place_of(p_seq integer, p_ord smallint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$ SELECT p_seq * 65536::bigint + p_ord $$;

-- change_states: moves reservations on, all of them or none. An entry that leaves the waitlist without having been a hold counts no longer.
CREATE OR REPLACE FUNCTION change_states(p_ids uuid[], p_from smallint, p_to smallint, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
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

-- write_batch: writes the decisions of a batch, the units they grant, the ledger entries and counters of its sales, and the watermark.
--   The caller either holds the locks and says for which moment it decided, or gives no moment. Then the locks are taken here, and the sales
--   must still be, for all that decisions hang on, as the caller left them: status, units available and entries waiting, no hold that ran
--   out, no opening or closing that came due, and no user among those taken for newcomers who holds something. A payment moves the ledger
--   and none of these, and does not disturb.
--   in   the line (topic null: none), the moment or null
--        arrays by sale, in ascending sku_no: seq, status, available and waitlisted before this batch, until, first and last offset decided
--          (null: nothing new), units reserved, 32 bytes of digest, and counters: reserved, waitlisted, refusals in the ledger's order,
--          duplicates, conflicts; ten, or nine of a writer that knows of no limit of holds
--        arrays by decision, those of a sale together: `sale` is the place of its SKU in the arrays by sale
--        arrays by new holder; users who were refused for want of stock and are believed to hold nothing
--   out  the moment of the decision, in microseconds, and by sale: seq, total, reserved and sold after the batch
--   locks partition_progress, then inventory in the order of the SKUs
--   Raises FS001, FS002 as lock_partition; FS003 when something is not as the batch was decided for; a 23505 says that an id was decided
--   before, or that a newcomer holds units already.
CREATE OR REPLACE FUNCTION write_batch(
  p_topic text, p_partition integer, p_expected bigint, p_next bigint, p_now bigint,
  p_sku_nos integer[], p_seqs integer[], p_statuses text[], p_available integer[], p_waitlisted integer[], p_until timestamptz[],
  p_firsts bigint[], p_lasts bigint[], p_units integer[], p_digests bytea, p_counters integer[],
  p_sales smallint[], p_ords smallint[], p_outcomes smallint[], p_quantities integer[], p_ids uuid[], p_users uuid[], p_owners integer[],
  p_body_hashes integer[],
  p_holder_sales smallint[], p_holders uuid[], p_holder_units integer[],
  p_refused_users uuid[],
  OUT decided_at bigint, OUT seqs integer[], OUT totals integer[], OUT reserved integer[], OUT sold integer[]
) LANGUAGE plpgsql AS $$
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
      -- One walk over the index; who holds units of another SKU of the batch sends it back, too, which costs time and changes nothing.
      PERFORM FROM user_holdings h WHERE h.user_id = ANY(p_refused_users) AND h.sku_no = ANY(p_sku_nos) LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION 'a user of the batch is no newcomer' USING ERRCODE = 'FS003';
      END IF;
    END IF;
  END IF;

  INSERT INTO reservations (expires_at, sku_no, seq, ord, outcome, state, quantity, id, user_id, owner, body_hash)
  SELECT CASE WHEN d.outcome = 1 THEN v_now + v_holds[d.sale] END, p_sku_nos[d.sale], v_seqs[d.sale] + 1, d.ord, d.outcome,
         CASE WHEN d.outcome <= 2 THEN d.outcome ELSE 0 END, d.quantity, d.id, d.user_id, d.owner, d.body_hash
    -- In the select list the arrays are walked side by side; in FROM each would be written to a store of its own first (1.6 times as long).
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

-- write_direct: the decision of one request that did not stand in line, under the inventory lock the caller holds: the reservation, the units
-- it grants, its ledger entry without offsets, the counters. No watermark moves.
--   Raises FS006 unless the sale is in direct mode, and in the epoch in which the caller saw it so: a process that knows an old mode commits
--   nothing. Raises FS003 as append_ledger; a 23505 says that the id was decided before.
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

-- confirm_reservation: turns a hold into a sale, if it is still the shopper's and still in time; the linearisation point of a checkout.
--   in   the reservation, its user, the authorised attempt, the id of the order to be
--   out  `outcome`: confirmed | expired | lost, the SKU, and the state the reservation is in now
--   locks inventory, then the attempt (the one order; see docs/ARCHITECTURE.md). The clock is read after the locks: a wait must not lengthen the hold.
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

-- create_sku: a SKU with its sale in draft, its opening stock as the first ledger entry; false if the SKU exists.
--   The partition is the one with the fewest living sales, so that two hot SKUs share one only when there are more SKUs than partitions.
CREATE FUNCTION create_sku(
  p_topic text, p_sku_id text, p_name text, p_price_minor bigint, p_currency text, p_total integer, p_per_user_limit integer,
  p_hold_seconds integer, p_waitlist_limit integer, p_opens_at timestamptz, p_closes_at timestamptz, p_definition_hash bytea,
  p_max_unpaid_holds integer
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
  INSERT INTO inventory (sku_id, partition, per_user_limit, hold_seconds, waitlist_limit, max_unpaid_holds, opens_at, closes_at)
  VALUES (p_sku_id, v_partition, p_per_user_limit, p_hold_seconds, p_waitlist_limit, p_max_unpaid_holds, p_opens_at, p_closes_at)
  RETURNING sku_no INTO v_sku_no;
  INSERT INTO event_progress (sku_no) VALUES (v_sku_no);
  PERFORM append_ledger(v_sku_no, 1, 'restocked', clock_timestamp(), NULL, NULL, p_total, 0, 0, 0, NULL, '{}', '{}', p_total);
  RETURN v_sku_no;
END $$;

-- create_sku as version N-1 calls it: that version applies no limit of holds, and its sales have none.
CREATE OR REPLACE FUNCTION create_sku(
  p_topic text, p_sku_id text, p_name text, p_price_minor bigint, p_currency text, p_total integer, p_per_user_limit integer,
  p_hold_seconds integer, p_waitlist_limit integer, p_opens_at timestamptz, p_closes_at timestamptz, p_definition_hash bytea
) RETURNS integer LANGUAGE sql AS $$
  SELECT create_sku(p_topic, p_sku_id, p_name, p_price_minor, p_currency, p_total, p_per_user_limit, p_hold_seconds, p_waitlist_limit,
                    p_opens_at, p_closes_at, p_definition_hash, 32767)
$$;
