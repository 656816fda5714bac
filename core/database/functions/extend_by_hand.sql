-- extend_by_hand: extends the holds of a SKU that have not ended, for an operator.
--   in     the SKU, the seconds
--   out    the reservations
--   locks  inventory
-- For removal: this version and the one before it call extend_once.
CREATE OR REPLACE FUNCTION extend_by_hand(p_sku_no integer, p_seconds integer) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT extend_holds(ARRAY[p_sku_no]);
  PERFORM FROM inventory WHERE sku_no = p_sku_no FOR UPDATE;
  RETURN QUERY SELECT extend_sku(p_sku_no, make_interval(secs => p_seconds), clock_timestamp());
END $$;
