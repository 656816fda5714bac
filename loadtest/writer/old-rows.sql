-- old-rows: an earlier sale that is still in the tables: 1,000,000 decisions in 100 entries of its ledger. The first 10,000 hold
-- a unit, the others came when the sale was closed. The rows are as the writer would have left them, so every invariant holds,
-- but they are written in seconds.
DO $$
DECLARE
  v_sku integer;
  v_now timestamptz := clock_timestamp();
  v_accepted boolean;
  v_digest bytea;
BEGIN
  INSERT INTO products (sku_id, name, price_minor, currency, definition_hash) VALUES ('bench-old', 'old', 500, 'EUR', '');
  INSERT INTO inventory (sku_id, partition, per_user_limit, hold_seconds, waitlist_limit, status)
  VALUES ('bench-old', 0, 1, 3600, 0, 'open') RETURNING sku_no INTO v_sku;
  INSERT INTO event_progress (sku_no) VALUES (v_sku);
  PERFORM append_ledger(v_sku, 1, 'restocked', v_now, NULL, NULL, 10000, 0, 0, 0, NULL, '{}', '{}', 10000);
  FOR v_seq IN 2 .. 101 LOOP
    v_accepted := v_seq = 2;
    WITH decided AS (
      INSERT INTO reservations (expires_at, sku_no, seq, ord, outcome, state, quantity, id, user_id, owner, body_hash)
      SELECT CASE WHEN v_accepted THEN v_now + interval '1 hour' END, v_sku, v_seq, n - 1, CASE WHEN v_accepted THEN 1 ELSE 14 END,
             v_accepted::int, 1, gen_random_uuid(), CASE WHEN v_accepted THEN lpad(to_hex(n), 32, '0')::uuid END, 0, n
        FROM generate_series(1, 10000) n
      RETURNING ord, outcome, quantity, body_hash, id, user_id, owner
    ), held AS (
      INSERT INTO user_holdings (sku_no, user_id, units, cap, unpaid_holds) SELECT v_sku, user_id, 1, 1, 1 FROM decided WHERE v_accepted
    )
    SELECT sha256(string_agg(int4send(ord::int) || int4send(outcome::int) || int4send(quantity::int) || int4send(body_hash) || uuid_send(id)
                             || coalesce(uuid_send(user_id), int4send(owner) || '\x000000000000000000000000'::bytea), ''::bytea ORDER BY ord))
      INTO v_digest FROM decided;
    PERFORM append_ledger(v_sku, v_seq, 'decided', v_now, NULL, NULL, 0, v_accepted::int * 10000, 0, 0, v_digest,
                          ARRAY[0, 0, 0, (NOT v_accepted)::int * 10000, 0], '{}', v_accepted::int * 10000);
  END LOOP;
  UPDATE ledger SET accepted = (SELECT array_agg(id ORDER BY ord) FROM reservations WHERE sku_no = v_sku AND seq = 2) WHERE sku_no = v_sku AND seq = 2;
  UPDATE inventory SET decided_reserved = 10000, refused_sale_closed = 990000 WHERE sku_no = v_sku;
END $$
