-- append-ledger: moves the balances and writes the entry that says so; raises FS003 if the ledger has moved on.
--   in  $1 sku_no  $2 seq  $3 kind  $4 at in microseconds  $5 first offset  $6 last offset
--       $7 total  $8 reserved  $9 sold  $10 waitlisted (deltas)  $11 digest  $12 refusals by reason  $13 moved ids  $14 amount
SELECT append_ledger($1::int, $2::int, $3::text, instant($4::bigint), $5::bigint, $6::bigint, $7::int, $8::int, $9::int, $10::int,
                     $11::bytea, $12::int[], $13::uuid[], $14::bigint)
