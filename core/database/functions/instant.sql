-- instant: the moment that is so many microseconds after 1970; the inverse of microseconds, and inlined like it.
--   in   microseconds since 1970
--   out  the moment, or null
CREATE OR REPLACE FUNCTION instant(p_microseconds bigint) RETURNS timestamptz STABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT timestamptz 'epoch' + p_microseconds * interval '1 microsecond'
$$;
