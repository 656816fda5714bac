-- insert-reservations: the decisions, refused ones too. A 23505 on the id means another partition decided it first.
--   in  arrays of equal length: $1 expires_at  $2 sku_no  $3 seq  $4 ord  $5 outcome  $6 state  $7 quantity  $8 id  $9 user_id  $10 owner  $11 body_hash
INSERT INTO reservations (expires_at, sku_no, seq, ord, outcome, state, quantity, id, user_id, owner, body_hash)
SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::uuid[], $9::uuid[], $10::int[], $11::int[])
