-- load-decided: what is decided of these ids.
--   in   ids
SELECT {{reservation-columns}}
  FROM reservations r
 WHERE r.id = ANY($ids::uuid[])
