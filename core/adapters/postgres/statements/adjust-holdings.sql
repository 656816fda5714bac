-- adjust-holdings: adds to (or takes from) the units of users who have a row; raises FS004 if one has none.
--   in  arrays of equal length: $1 sku_no  $2 user_id  $3 units to add
SELECT adjust_holdings($1::int[], $2::uuid[], $3::int[])
