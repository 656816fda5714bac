-- join-waitlist: new places in line, in decision order.
--   in  arrays of equal length: $1 sku_no  $2 seq  $3 ord  $4 id  $5 user_id  $6 quantity
INSERT INTO waitlist (sku_no, seq, ord, id, user_id, quantity)
SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::int[])
