-- leave_waitlist: removes entries from the waitlist, all of them or none.
--   in      the ids
--   raises  FS004 when one of them is not on the waitlist
CREATE OR REPLACE FUNCTION leave_waitlist(p_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_deleted integer;
BEGIN
  DELETE FROM waitlist WHERE id = ANY(p_ids);
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  IF v_deleted <> cardinality(p_ids) THEN
    RAISE EXCEPTION '% of % entries were on the waitlist', v_deleted, cardinality(p_ids) USING ERRCODE = 'FS004';
  END IF;
END $$;
