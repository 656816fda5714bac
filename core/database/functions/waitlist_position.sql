-- waitlist_position: the position of an entry on the waitlist as one number; `ord` is a smallint.
--   in   the ledger sequence and the order within it
CREATE OR REPLACE FUNCTION waitlist_position(p_seq integer, p_ord smallint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT p_seq * 65536::bigint + p_ord
$$;
