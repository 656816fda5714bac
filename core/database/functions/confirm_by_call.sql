-- confirm_by_call: confirm_checkout as the version before calls it. It stays until no version calls it.
--   out    `outcome`: confirmed | expired | lost; `made`: true for the one call that made the sale
CREATE OR REPLACE FUNCTION confirm_by_call(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid, p_call uuid)
RETURNS TABLE (outcome text, made boolean) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT c.confirmation, c.made FROM confirm_checkout(p_reservation, p_user, p_attempt, p_order, p_call) c;
END $$;
