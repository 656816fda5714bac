-- max_passed: how many grants to later entries an entry of the waitlist tolerates before every later entry waits for it (ADR
-- 0024). The constant in the code is `maxPassed`.
CREATE OR REPLACE FUNCTION max_passed() RETURNS integer IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$ SELECT 10 $$;
