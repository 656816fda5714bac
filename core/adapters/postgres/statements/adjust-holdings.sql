-- adjust-holdings: adds to the units of users who have a row, or takes from them.
--   in      arrays of equal length: sku_nos, user_ids, units to add
--   raises  FS004 when a user has no row
SELECT adjust_holdings($sku_nos::int[], $user_ids::uuid[], $units::int[])
