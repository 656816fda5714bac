-- pay-read-checkout: everything that the next step of a checkout depends on, in one snapshot.
--   in   reservation_id, user_id, owner (32 bits of the user: all that a refused row keeps), attempt_id
--   out  one row, or none: this user has no such reservation
--   It takes no lock: the statement that acts on the answer checks it again under the locks.
SELECT {{checkout-facts}}
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
  LEFT JOIN payment_attempts a ON a.attempt_id = $attempt_id AND a.user_id = $user_id
 WHERE r.id = $reservation_id AND (r.user_id = $user_id OR (r.user_id IS NULL AND r.owner = $owner))
