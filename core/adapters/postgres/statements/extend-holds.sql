-- extend-holds: extends the holds of SKUs for outages they were not extended for yet; before their rows are read, for it moves the ledger.
--   in   $1 sku_nos
--   out  the reservations whose hold is longer now; none, but for the first transition after a restart of the server
SELECT extend_holds AS id FROM extend_holds($1::int[])
