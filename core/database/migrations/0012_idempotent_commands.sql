-- What was asked for with an idempotency key, so that it takes effect once and no key stands for two things. The rows are narrow and have
-- an end: the sweeper deletes those that nobody has repeated for a week.

-- A batch call of a trusted client, written before any of its items is put into the queue. The hash covers its items without their order.
CREATE TABLE batch_calls (
  call_id   uuid PRIMARY KEY,
  body_hash bytea NOT NULL,
  seen_at   timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 80);

CREATE INDEX batch_calls_seen ON batch_calls (seen_at);

-- A command of an administrator that adds something (restock, extend): written in the transaction that carries it out.
CREATE TABLE admin_commands (
  command_id    uuid PRIMARY KEY,
  command_hash  bytea NOT NULL,
  -- Of an extension: how many holds it made longer.
  holds_extended integer,
  seen_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX admin_commands_seen ON admin_commands (seen_at);

GRANT SELECT, INSERT, DELETE ON batch_calls, admin_commands TO flash_transition;
GRANT UPDATE (seen_at) ON batch_calls TO flash_transition;

-- extend_once: extend_by_hand for a command with an idempotency key. Carried out before, it extends nothing and says what came of it then.
--   in   the SKU, the seconds, the id of the command and the hash of what it asks for
--   out  `is_same`: false when the key stands for another command, and nothing was done; `holds_extended` by this command;
--        `holds`: the reservations whose end may be another one than before, to be shown
--   locks inventory. Two calls at once wait for each other there. One key for two SKUs at once: the second insert raises 23505 and rolls back.
CREATE FUNCTION extend_once(p_sku_no integer, p_seconds integer, p_command uuid, p_hash bytea)
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
