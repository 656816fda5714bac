-- confirm_by_call: confirm_reservation, and whether this call made the sale. The first call that finds the attempt confirmed
-- writes its id beside it, in the transaction and under the locks of the confirmation. A call that is repeated because its answer
-- was lost finds its own id.
--   in     as confirm_reservation, and the id of the call
--   out    `outcome`: confirmed | expired | lost; `made`: true for the one call that made the sale
--   locks  as confirm_reservation
CREATE OR REPLACE FUNCTION confirm_by_call(p_reservation uuid, p_user uuid, p_attempt uuid, p_order uuid, p_call uuid)
RETURNS TABLE (outcome text, made boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_outcome text;
  v_confirmed_by uuid;
BEGIN
  SELECT c.outcome INTO v_outcome FROM confirm_reservation(p_reservation, p_user, p_attempt, p_order) c;
  IF v_outcome = 'confirmed' THEN
    UPDATE payment_attempts SET confirmed_by = coalesce(confirmed_by, p_call) WHERE attempt_id = p_attempt
    RETURNING confirmed_by INTO v_confirmed_by;
  END IF;
  RETURN QUERY SELECT v_outcome, coalesce(v_confirmed_by = p_call, false);
END $$;
