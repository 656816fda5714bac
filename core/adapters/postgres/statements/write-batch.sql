-- write-batch: the decisions of a batch and everything that hangs on them; see core/database/migrations/0009_hold_limit.sql.
--   in   $1 topic  $2 partition  $3 expected next offset  $4 next offset  $5 now in microseconds, or null to lock and check here
--        by sale: $6 sku_no  $7 seq  $8 status  $9 available  $10 waitlisted  $11 until  $12 first offset  $13 last offset  $14 units
--                 $15 digests  $16 counters
--        by decision: $17 sale  $18 ord  $19 outcome  $20 quantity  $21 id  $22 user  $23 owner  $24 body hash
--        by new holder: $25 sale  $26 user  $27 units    $28 users taken for ones who hold nothing
--   out  one row: the moment of the decision, and by sale what seq, total, reserved and sold are now
SELECT decided_at::float8, seqs, totals, reserved, sold
  FROM write_batch($1::text, $2::int, $3::bigint, $4::bigint, $5::bigint,
                   $6::int[], $7::int[], $8::text[], $9::int[], $10::int[], $11::timestamptz[], $12::bigint[], $13::bigint[], $14::int[],
                   $15::bytea, $16::int[],
                   $17::smallint[], $18::smallint[], $19::smallint[], $20::int[], $21::uuid[], $22::uuid[], $23::int[], $24::int[],
                   $25::smallint[], $26::uuid[], $27::int[], $28::uuid[])
