-- change_states: moves reservations to another state, all of them or none.
--   in      the ids, the state they are in, the state they go to, the new end of their hold or null to keep it
--   raises  FS004 when one of them is not in the state it must come from
--   A reservation that leaves the waitlist without a hold no longer counts as an unpaid hold of its user.
CREATE OR REPLACE FUNCTION change_states(p_ids uuid[], p_from smallint, p_to smallint, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_changed integer;
  v record;
BEGIN
  UPDATE reservations SET state = p_to, expires_at = coalesce(p_expires_at, expires_at) WHERE id = ANY(p_ids) AND state = p_from;
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  IF v_changed <> cardinality(p_ids) THEN
    RAISE EXCEPTION '% of % reservations were in state %', v_changed, cardinality(p_ids), p_from USING ERRCODE = 'FS004';
  END IF;
  IF p_from = 2 AND p_to <> 1 THEN
    FOR v IN SELECT sku_no, user_id, count(*) AS entries FROM reservations WHERE id = ANY(p_ids) GROUP BY sku_no, user_id LOOP
      UPDATE user_holdings SET unpaid_holds = unpaid_holds - v.entries WHERE sku_no = v.sku_no AND user_id = v.user_id;
    END LOOP;
  END IF;
END $$;
