-- create_sku (12 parameters): as versions before the limit of unpaid holds call it; their sales have no such limit.
-- For removal: no version since that limit calls it.
CREATE OR REPLACE FUNCTION create_sku(
  p_topic text, p_sku_id text, p_name text, p_price_minor bigint, p_currency text, p_total integer, p_per_user_limit integer,
  p_hold_seconds integer, p_waitlist_limit integer, p_opens_at timestamptz, p_closes_at timestamptz, p_definition_hash bytea
) RETURNS integer LANGUAGE sql AS $$
  SELECT create_sku(p_topic, p_sku_id, p_name, p_price_minor, p_currency, p_total, p_per_user_limit, p_hold_seconds, p_waitlist_limit,
                    p_opens_at, p_closes_at, p_definition_hash, 32767)
$$;
