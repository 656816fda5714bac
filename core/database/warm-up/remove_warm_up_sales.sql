-- remove_warm_up_sales: removes sales of the warm-up with everything that belongs to them.
--   in      the names of the SKUs, the names of the topics
--   out     how many sales of other processes are left
CREATE OR REPLACE FUNCTION remove_warm_up_sales(p_sku_ids text[], p_topics text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_sku_nos integer[] := array(SELECT sku_no FROM inventory WHERE sku_id = ANY (p_sku_ids));
BEGIN
  DELETE FROM payment_retries r USING payment_attempts a WHERE a.attempt_id = r.attempt_id AND a.sku_no = ANY (v_sku_nos);
  DELETE FROM orders WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM payment_attempts WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM waitlist WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM user_holdings WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM reservations WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM ledger WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM event_progress WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM inventory WHERE sku_no = ANY (v_sku_nos);
  DELETE FROM products WHERE sku_id = ANY (p_sku_ids);
  DELETE FROM quarantine WHERE topic = ANY (p_topics);
  DELETE FROM partition_progress WHERE topic = ANY (p_topics);
  RETURN (SELECT count(*) FROM inventory);
END $$;
