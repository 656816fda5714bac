-- extend_once: extends the holds of a SKU that have not ended, once for each idempotency key. A repeated command extends nothing
-- and returns what the first one did.
--   in     the SKU, the seconds, the id of the command, the hash of what it asks for
--   out    `is_same`: false when the key belongs to another command, and nothing was done; `holds_extended` by this command;
--          `holds`: the reservations whose end may have changed, so that the caller shows them in Redis
--   locks  inventory. Two calls at once wait for each other there. One key for two SKUs at once: the second insert raises 23505
--          and rolls back.
CREATE OR REPLACE FUNCTION extend_once(p_sku_no integer, p_seconds integer, p_command uuid, p_hash bytea)
RETURNS TABLE (is_same boolean, holds_extended integer, holds uuid[]) LANGUAGE plpgsql AS $$
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
