-- record-heartbeat: records that the server runs, and an outage that has ended; see core/database/functions/record_heartbeat.sql.
--   out  the SKUs whose holds must be extended before they may expire
SELECT record_heartbeat AS sku_no FROM record_heartbeat()
