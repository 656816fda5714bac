-- extend_sku: extends the holds of a SKU that had not ended at `p_since`. The ledger gets entries of at most 500 reservations;
-- the amount of an entry is the extension in microseconds.
--   in   the SKU, the length of the extension, the moment
--   out  the reservations
--   The caller holds the inventory lock.
CREATE OR REPLACE FUNCTION extend_sku(p_sku_no integer, p_by interval, p_since timestamptz) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
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
