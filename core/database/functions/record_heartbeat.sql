-- record_heartbeat: records that the server runs now.
--   out  the SKUs whose holds must be extended before they may expire: those that have holds. A SKU without holds needs no
--        transaction for an outage; its next transition records the outage first (extend_holds).
CREATE OR REPLACE FUNCTION record_heartbeat() RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
  v_outage_no integer := record_outage();
BEGIN
  UPDATE server_life SET alive_at = clock_timestamp() WHERE alive_at < clock_timestamp();
  RETURN QUERY SELECT sku_no FROM inventory WHERE resting_since IS NULL AND reserved_count > 0 AND outage_no < v_outage_no ORDER BY sku_no;
END $$;
