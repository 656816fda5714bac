-- append-ledger: moves the balances and writes the entry that says so; raises FS003 if the ledger has moved on.
--   in  $1 sku_no  $2 seq  $3 kind  $4 at in microseconds  $5 total  $6 reserved  $7 sold  $8 waitlisted (deltas)  $9 moved ids  $10 amount
--   Entries of decisions are write-batch's.
SELECT append_ledger($1::int, $2::int, $3::text, instant($4::bigint), NULL, NULL, $5::int, $6::int, $7::int, $8::int,
                     NULL, '{}', $9::uuid[], $10::bigint)
