-- create_sku: creates a SKU with its sale in draft; the opening stock is the first ledger entry.
--   in      the topic of the requests, the product, the limits of the sale, its times, the hash of what the administrator asked
--           for
--   out     the number of the SKU, or null when the SKU exists
--   raises  P0002 when the topic has no watermarks
--   The partition is the one with the fewest living sales, so that two hot SKUs share one only when there are more SKUs than
--   partitions.
CREATE OR REPLACE FUNCTION create_sku(
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
