-- extend-once: extends the holds of a SKU, once for each command; see core/database/functions/extend_once.sql.
--   in   sku_no, seconds, the id of the command, the hash of what it asks for
SELECT is_same, holds_extended, holds FROM extend_once($sku_no::int, $seconds::int, $command_id::uuid, $command_hash::bytea)
