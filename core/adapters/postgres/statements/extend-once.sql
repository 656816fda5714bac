-- extend-once: see extend_once; the holds of a SKU get more time, once for each command.
--   in   $1 sku_no  $2 seconds  $3 id of the command  $4 hash of what it asks for
SELECT is_same, holds_extended, holds FROM extend_once($1::int, $2::int, $3::uuid, $4::bytea)
