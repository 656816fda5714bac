-- write_batch: writes the decisions of a batch, the units they grant, the ledger entries and counters of its sales, and the
-- watermark.
--   The caller either holds the locks and passes the moment of its decision, or passes no moment. Without a moment this function
--   takes the locks, and everything that the decisions depend on must still be as the caller assumed: status, units available and
--   entries waiting; no hold has ended; no opening or closing time has passed; no assumed newcomer holds units. A payment moves
--   the ledger but none of these, so the batch is still written.
--   in      topic and partition (topic null: no watermark moves), the expected and the next watermark, the moment or null
--           by sale, in ascending sku_no: seq, status, available and waitlisted before this batch, the time until which the
--           status holds,
--             first and last offset decided (null: nothing new), units reserved, 32 bytes of digest, and counters: reserved,
--             waitlisted, refusals in the ledger's order, duplicates, conflicts; ten, or nine from a writer without the limit of
--             unpaid holds
--           by decision, those of a sale together; `sale` is the index of its SKU in the arrays by sale, from 1
--           by new holder: sale, user, units; and the users who were refused as sold out and are assumed newcomers
--   out     the moment of the decision in microseconds, and by sale: seq, total, reserved and sold after the batch
--   raises  FS001, FS002, FS005 as lock_partition; FS003 when something is not as the batch was decided for; a 23505 says that an
--           id was decided before, or that a newcomer holds units already
--   locks   partition_progress, then inventory in the order of the SKUs
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
      -- ORDER BY makes PostgreSQL read one entry of the index: an EXISTS would be planned as a scan of all holds.
      PERFORM FROM reservations r WHERE r.sku_no = p_sku_nos[i] AND r.state = 1 AND r.expires_at <= v_now
        ORDER BY r.sku_no, r.expires_at LIMIT 1;
      IF FOUND OR v_now >= p_until[i] THEN
        RAISE EXCEPTION 'something of SKU % is due by time', p_sku_nos[i] USING ERRCODE = 'FS003';
      END IF;
    END LOOP;
    IF cardinality(p_refused_users) > 0 THEN
      -- One scan of the index. A user who holds units of another SKU of the batch is refused as well, which costs time and
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
    -- In the select list PostgreSQL reads the arrays side by side; in FROM it would first copy each to a store (1.6 times as
    -- long).
    FROM (SELECT unnest(p_sales) AS sale, unnest(p_ords) AS ord, unnest(p_outcomes) AS outcome, unnest(p_quantities) AS quantity,
                 unnest(p_ids) AS id, unnest(p_users) AS user_id, unnest(p_owners) AS owner, unnest(p_body_hashes) AS body_hash) d;

  INSERT INTO user_holdings (sku_no, user_id, units, cap, unpaid_holds, unpaid_cap)
  SELECT p_sku_nos[h.sale], h.user_id, h.units, v_caps[h.sale], 1, v_unpaid_caps[h.sale]
    FROM (SELECT unnest(p_holder_sales) AS sale, unnest(p_holders) AS user_id, unnest(p_holder_units) AS units) h;

  FOR i IN 1 .. cardinality(p_sku_nos) LOOP
    v_accepted := v_accepted + p_counters[(i - 1) * v_width + 1] + p_counters[(i - 1) * v_width + 2];
  END LOOP;
  -- In a rush every accepted user is a newcomer with one request. Further holds of other users are added one by one.
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
