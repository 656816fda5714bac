-- create-sku: creates a SKU; see core/database/functions/create_sku.sql.
--   out  the number of the new SKU, or null when it exists
SELECT create_sku(
  p_topic => $topic, p_sku_id => $sku_id, p_name => $name, p_price_minor => $price_minor, p_currency => $currency, p_total => $total_stock,
  p_per_user_limit => $per_user_limit, p_hold_seconds => $hold_seconds, p_waitlist_limit => $waitlist_limit, p_opens_at => $opens_at,
  p_closes_at => $closes_at, p_definition_hash => $definition_hash, p_max_unpaid_holds => $max_unpaid_holds) AS sku_no
