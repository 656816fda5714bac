-- report-flagged: what became of some accounts at some sales.
--   in   sku_ids, owners (32 bits of the users' ids)
--   out  accounts whose request was accepted, accounts that paid, and the units that they paid
--   Only accepted requests are read, by the index `reservations_accepted`: of refused ones there may be millions.
SELECT count(DISTINCT r.owner)::int AS accepted,
       (count(DISTINCT r.owner) FILTER (WHERE r.state = 3))::int AS paid,
       coalesce(sum(r.quantity) FILTER (WHERE r.state = 3), 0)::int AS units_paid
  FROM inventory i
  JOIN reservations r ON r.sku_no = i.sku_no AND r.outcome <= 2
 WHERE i.sku_id = ANY($sku_ids::text[]) AND r.owner = ANY($owners::int[])
