-- differing_checks: the CHECK constraints that the tables lack, or have with another text, or have although this version does not
-- know them.
CREATE OR REPLACE FUNCTION differing_checks() RETURNS TABLE (table_name text, check_name text, state text, definition text) STABLE LANGUAGE sql AS $$
  WITH present AS (
    SELECT conrelid::regclass::text AS table_name, conname::text AS check_name, pg_get_constraintdef(oid) AS definition
      FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND conrelid <> 0
  )
  SELECT table_name, check_name,
         CASE WHEN p.definition IS NULL THEN 'missing' WHEN e.definition IS NULL THEN 'unknown' ELSE 'changed' END,
         coalesce(p.definition, e.definition)
    FROM expected_checks() e
    FULL JOIN present p USING (table_name, check_name)
   WHERE p.definition IS DISTINCT FROM e.definition
   ORDER BY 1, 2
$$;
