-- record_outage: the number of the last outage. It first records an outage that is not recorded yet: from the last time at which
-- the server was known to run (the heartbeat or a later commit) until now.
--   out    the number of the last outage
--   locks  server_life, after a restart only, before any inventory row
CREATE OR REPLACE FUNCTION record_outage() RETURNS integer LANGUAGE plpgsql AS $$
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
    -- A commit since the start of this server says nothing about the server before it.
    INSERT INTO outages (outage_no, down_from, up_at)
    SELECT v.outage_no, greatest(v.alive_at, max(ledger_at) FILTER (WHERE ledger_at < pg_postmaster_start_time())), clock_timestamp() FROM inventory;
    UPDATE server_life SET started_at = pg_postmaster_start_time(), alive_at = clock_timestamp(), outage_no = v.outage_no;
  END IF;
  RETURN v.outage_no;
END $$;
