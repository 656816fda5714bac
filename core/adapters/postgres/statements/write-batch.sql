-- write-batch: the decisions of a batch and everything that hangs on them; see core/migrations/0004_write_batch.sql.
--   in   $1 topic  $2 partition  $3 expected next offset  $4 next offset  $5 now in microseconds, or null to lock and check here
--        by sale: $6 sku_no  $7 seq  $8 available  $9 waitlisted  $10 until  $11 first offset  $12 last offset  $13 units  $14 digests  $15 counters
--        by decision: $16 sale  $17 ord  $18 outcome  $19 quantity  $20 id  $21 user  $22 owner  $23 body hash
--        by new holder: $24 sale  $25 user  $26 units    by user taken for one who holds nothing: $27 sale  $28 user
--   out  one row: now, in microseconds
SELECT write_batch($1::text, $2::int, $3::bigint, $4::bigint, $5::bigint,
                   $6::int[], $7::int[], $8::int[], $9::int[], $10::timestamptz[], $11::bigint[], $12::bigint[], $13::int[], $14::bytea, $15::int[],
                   $16::smallint[], $17::smallint[], $18::smallint[], $19::int[], $20::uuid[], $21::uuid[], $22::int[], $23::int[],
                   $24::smallint[], $25::uuid[], $26::int[], $27::smallint[], $28::uuid[])::float8 AS now
