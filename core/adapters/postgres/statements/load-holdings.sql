-- load-holdings: units and unpaid holds of the users at hand; a user without a row has none yet.
--   in  $1 sku_nos  $2 user_ids, pairwise
SELECT u.sku_no, u.user_id, h.units, h.unpaid_holds
  FROM unnest($1::int[], $2::uuid[]) AS u (sku_no, user_id)
 CROSS JOIN LATERAL (SELECT units, unpaid_holds FROM user_holdings h WHERE h.sku_no = u.sku_no AND h.user_id = u.user_id LIMIT 1) h
