-- load-holdings: units and unpaid holds of users; a user without a row has none yet.
--   in   sku_nos and user_ids, in pairs
SELECT u.sku_no, u.user_id, h.units, h.unpaid_holds
  FROM unnest($sku_nos::int[], $user_ids::uuid[]) AS u (sku_no, user_id)
 CROSS JOIN LATERAL (SELECT units, unpaid_holds FROM user_holdings h WHERE h.sku_no = u.sku_no AND h.user_id = u.user_id LIMIT 1) h
