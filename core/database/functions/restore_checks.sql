-- restore_checks: adds the CHECK constraints that the tables lack. It waits for the locks of the tables at most as long as its
-- caller does, and fails while a row breaks one of them. It adds texts of expected_checks only: its caller names none.
--   out  the names of the constraints that were added
CREATE OR REPLACE FUNCTION restore_checks() RETURNS text[] VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public LANGUAGE plpgsql AS $$
DECLARE
  missing record;
  added text[] := '{}';
BEGIN
  FOR missing IN SELECT * FROM differing_checks() d WHERE d.state = 'missing' LOOP
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', missing.table_name, missing.check_name, missing.definition);
    added := added || missing.check_name;
  END LOOP;
  RETURN added;
END $$;
REVOKE EXECUTE ON FUNCTION restore_checks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION restore_checks() TO flash_admin;
