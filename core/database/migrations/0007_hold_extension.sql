-- Time in which the database was not there does not count against a hold: it is extended by the length of the outage before it can expire.
-- An outage is seen by pg_postmaster_start_time(), which is another one after a restart or a failover. A server that hung keeps it: hangs are
-- not covered (ADR 0014).

-- When the server was last known to live, and as which start: one row, written every second by the sweeper.
CREATE TABLE server_life (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  started_at timestamptz NOT NULL DEFAULT pg_postmaster_start_time(),
  alive_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  outage_no  integer NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO server_life DEFAULT VALUES;

-- Each outage, from the last sign of life before it to the first after it.
CREATE TABLE outages (
  outage_no integer PRIMARY KEY,
  down_from timestamptz NOT NULL,
  up_at     timestamptz NOT NULL
);

-- The last outage that the holds of a SKU were extended for.
ALTER TABLE inventory ADD COLUMN outage_no integer NOT NULL DEFAULT 0;

GRANT SELECT ON server_life, outages TO flash_reader, flash_transition, flash_checkout, flash_relay;
GRANT UPDATE ON server_life TO flash_transition;
GRANT INSERT ON outages TO flash_transition;

-- note_outage: the number of the last outage, after noting one that nobody has noted yet: it lasted from the last sign of life, which is the
-- heartbeat or a later commit, until now.
--   locks server_life, after a restart only, before any inventory row
CREATE FUNCTION note_outage() RETURNS integer LANGUAGE plpgsql AS $$
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

-- sign_of_life: the heartbeat. Returns the SKUs whose holds are to be extended before they may expire.
CREATE FUNCTION sign_of_life() RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
  v_outage_no integer := note_outage();
BEGIN
  UPDATE server_life SET alive_at = clock_timestamp() WHERE alive_at < clock_timestamp();
  RETURN QUERY SELECT sku_no FROM inventory WHERE outage_no < v_outage_no ORDER BY sku_no;
END $$;

-- expiry_resumed: true once the holds of a SKU (by its inventory.outage_no) are extended for everything up to this start of the server.
CREATE FUNCTION expiry_resumed(p_outage_no integer) RETURNS boolean STABLE LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM server_life WHERE started_at = pg_postmaster_start_time() AND outage_no = p_outage_no)
$$;

-- extend_sku: extends the holds of a SKU that had not run out at `p_since`, ledgered in entries of at most 500, under the inventory lock the
-- caller holds. The amount of an entry is the extension in microseconds. Returns the reservations.
CREATE FUNCTION extend_sku(p_sku_no integer, p_by interval, p_since timestamptz) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
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

-- extend_holds: what every transition does before it looks at holds: extends those of its SKUs for the outages they were not extended for yet.
-- Two transitions at once do it once: the second finds it done under the lock. Returns the reservations.
--   locks the inventory rows in SKU order, where there is something to extend
CREATE FUNCTION extend_holds(p_sku_nos integer[]) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
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

-- extend_by_hand: extends the holds of a SKU that have not run out, for whatever reason an operator has. Returns the reservations.
--   locks inventory
CREATE FUNCTION extend_by_hand(p_sku_no integer, p_seconds integer) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT extend_holds(ARRAY[p_sku_no]);
  PERFORM FROM inventory WHERE sku_no = p_sku_no FOR UPDATE;
  RETURN QUERY SELECT extend_sku(p_sku_no, make_interval(secs => p_seconds), clock_timestamp());
END $$;
