-- lock-inventory: locks the sales at hand in SKU order and reads them as they are after the wait.
--   in   $1 sku_nos
--   out  one row per SKU that exists
--   Nothing else is read here: other tables would be seen as of before the wait.
SELECT sku_no, sku_id, partition, per_user_limit, hold_seconds, waitlist_limit, max_unpaid_holds, status, mode, resume_mode, frozen, epoch,
       microseconds(opens_at) AS opens_at, microseconds(closes_at) AS closes_at,
       total_stock, reserved_count, sold_count, waitlisted, seq
  FROM inventory
 WHERE sku_no = ANY($1::int[])
 ORDER BY sku_no
   FOR UPDATE
