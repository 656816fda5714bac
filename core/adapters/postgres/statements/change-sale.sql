-- change-sale: gives a sale a new status or mode. Every change of mode is a new epoch.
--   in   sku_no; status, mode, opens_at (microseconds) and frozen, each null to keep what it is
UPDATE inventory
   SET status = coalesce($status, status), mode = coalesce($mode, mode), opens_at = coalesce(instant($opens_at::bigint), opens_at),
       frozen = coalesce($frozen::boolean, frozen), epoch = epoch + CASE WHEN $mode IS NULL THEN 0 ELSE 1 END,
       resume_mode = CASE WHEN $mode = 'halted' AND mode <> 'halted' THEN mode ELSE resume_mode END
 WHERE sku_no = $sku_no
