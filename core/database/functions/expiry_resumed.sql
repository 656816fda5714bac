-- expiry_resumed: true once the holds of a SKU are extended for every outage up to this start of the server.
--   in   inventory.outage_no of the SKU
CREATE OR REPLACE FUNCTION expiry_resumed(p_outage_no integer) RETURNS boolean STABLE LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM server_life WHERE started_at = pg_postmaster_start_time() AND outage_no = p_outage_no)
$$;
