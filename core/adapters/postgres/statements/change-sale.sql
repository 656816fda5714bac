-- change-sale: a new status or mode; every change of mode is a new epoch.
--   in  $1 sku_no  $2 status or null  $3 mode or null  $4 opens_at in microseconds, or null to keep it  $5 frozen, or null to keep it
UPDATE inventory
   SET status = coalesce($2, status), mode = coalesce($3, mode), opens_at = coalesce(instant($4::bigint), opens_at),
       frozen = coalesce($5::boolean, frozen), epoch = epoch + CASE WHEN $3 IS NULL THEN 0 ELSE 1 END,
       resume_mode = CASE WHEN $3 = 'halted' AND mode <> 'halted' THEN mode ELSE resume_mode END
 WHERE sku_no = $1
