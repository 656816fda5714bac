-- write-direct: the decision of a request that did not stand in line; see core/database/migrations/0009_hold_limit.sql.
--   in  $1 sku_no  $2 seq  $3 epoch  $4 now in microseconds
--       $5 outcome  $6 quantity  $7 id  $8 user, or null of a refusal  $9 owner  $10 body hash  $11 the user's first units
--       $12 digest  $13 refusals by reason
SELECT write_direct($1::int, $2::int, $3::int, $4::bigint,
                    $5::smallint, $6::int, $7::uuid, $8::uuid, $9::int, $10::int, $11::boolean, $12::bytea, $13::int[])
