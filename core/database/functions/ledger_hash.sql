-- ledger_hash: the hash of a ledger entry. This is the one place that says what the hash covers: every column, and the hash
-- before it.
--   in   the columns of the entry
--   out  32 bytes
--   PL/pgSQL keeps the plan of the expression; a function of SQL would be parsed again in each transaction.
CREATE OR REPLACE FUNCTION ledger_hash(
  p_prev_hash bytea, p_sku_no integer, p_seq integer, p_kind text, p_first_offset bigint, p_last_offset bigint,
  p_at timestamptz, p_total integer, p_reserved integer, p_sold integer, p_digest bytea, p_refused integer[], p_moved uuid[], p_amount bigint
) RETURNS bytea IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
  RETURN sha256(
    p_prev_hash || int4send(p_sku_no) || int4send(p_seq) || convert_to(p_kind, 'UTF8') || '\x00'
    || int8send(coalesce(p_first_offset, -1)) || int8send(coalesce(p_last_offset, -1)) || timestamptz_send(p_at)
    || int4send(p_total) || int4send(p_reserved) || int4send(p_sold) || coalesce(p_digest, '\x')
    || convert_to(array_to_string(p_refused, ','), 'UTF8') || '\x00'
    || decode(replace(array_to_string(p_moved, ''), '-', ''), 'hex') || int8send(p_amount)
  );
END $$;
