-- extend_holds: extends the holds of SKUs for the outages that they were not extended for yet. Every transition calls it before
-- it reads holds. Of two transitions at once one extends: the other waits for the lock and finds it done.
--   in     the SKUs
--   out    the reservations
--   locks  the inventory rows in SKU order, when there is something to extend
CREATE OR REPLACE FUNCTION extend_holds(p_sku_nos integer[]) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE
  v_outage_no integer := record_outage();
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
