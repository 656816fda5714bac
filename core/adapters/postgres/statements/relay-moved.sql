-- relay-moved: the reservations that other entries name, with their order if there is one.
--   in   ids
SELECT r.id, r.user_id, r.quantity, r.expires_at, o.order_id, o.amount_minor::float8 AS amount_minor, o.currency
  FROM reservations r
  LEFT JOIN orders o ON o.reservation_id = r.id
 WHERE r.id = ANY($ids::uuid[])
