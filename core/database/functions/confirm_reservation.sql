-- confirm_reservation: confirm_checkout without the id of a call, for operators and tests.
--   out    `outcome`: confirmed | expired | lost; the SKU; the state that the reservation is in now
CREATE OR REPLACE FUNCTION confirm_reservation(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid)
RETURNS TABLE (outcome text, sku_no integer, state smallint) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT c.confirmation, c.sku_no, c.state FROM confirm_checkout(p_reservation, p_user, p_attempt, p_order, NULL) c;
END $$;
