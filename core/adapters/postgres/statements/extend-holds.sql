-- extend-holds: extends the holds of SKUs for the outages that they were not extended for yet. It comes before their rows are
-- read, because it moves the ledger.
--   in   sku_nos
--   out  the reservations whose hold is longer now; none, except for the first transition after a restart of the server
SELECT extend_holds AS id FROM extend_holds($sku_nos::int[])
