-- open_warm_up_sale: opens a sale in which a process that starts runs its hot paths. Only the warm-up database has this function.
--   in      the name of the SKU and of a topic that no broker knows, the opening stock
--   out     the number of the SKU; it is in partition 0
--   A reading function may not write to these tables. So the function runs with the rights of the owner. It also removes the
--   sales of processes that ended without removing theirs.
CREATE OR REPLACE FUNCTION open_warm_up_sale(p_sku_id text, p_topic text, p_stock integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_sku_no integer;
BEGIN
  PERFORM remove_warm_up_sales(
    array(SELECT sku_id FROM products WHERE created_at < clock_timestamp() - interval '15 minutes'),
    array(SELECT topic FROM partition_progress p
           WHERE EXISTS (SELECT FROM products o WHERE o.name = p.topic AND o.created_at < clock_timestamp() - interval '15 minutes'))
  );
  INSERT INTO partition_progress (topic, partition, next_offset) VALUES (p_topic, 0, 0) ON CONFLICT DO NOTHING;
  v_sku_no := create_sku(p_topic, p_sku_id, p_topic, 100, 'EUR', p_stock, 10, 900, 0, clock_timestamp(), NULL, '\x', 32767);
  UPDATE inventory SET status = 'open' WHERE sku_no = v_sku_no;
  RETURN v_sku_no;
END $$;
