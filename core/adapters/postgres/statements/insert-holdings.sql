-- insert-holdings: first units of users who had no row; an existing row is a 23505, never an overwrite.
--   in  arrays of equal length: $1 sku_no  $2 user_id  $3 units  $4 cap
INSERT INTO user_holdings (sku_no, user_id, units, cap)
SELECT * FROM unnest($1::int[], $2::uuid[], $3::int[], $4::int[])
