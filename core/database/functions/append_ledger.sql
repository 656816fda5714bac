-- append_ledger: moves the balances of a SKU and writes the ledger entry of the move.
--   in      the SKU, the sequence of the new entry, its columns, and what it adds to total, reserved, sold and waitlisted
--   raises  FS003 unless `p_seq` is the next sequence: a move that was computed for an older state must not commit
--   The caller holds the inventory lock.
CREATE OR REPLACE FUNCTION append_ledger(
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
