-- place_of: waitlist_position as the version before calls it. For removal once that version is gone.
CREATE OR REPLACE FUNCTION place_of(p_seq integer, p_ord smallint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT waitlist_position(p_seq, p_ord)
$$;
