-- reconcile-payments: what the tables say of payments that the provider has.
--   in   attempt_ids and reservation_ids, in pairs, as the metadata of the payments has them
--   out  one row for each payment, in their order: the SKU of the reservation (null: the reservation is not of this system), the
--        status of the attempt and of its order (null: there is none), order_id, and whether the attempt is settled
SELECT r.sku_no, a.status AS attempt_status, a.settled_at IS NOT NULL AS is_settled, o.order_id, o.status AS order_status
  FROM unnest($attempt_ids::uuid[], $reservation_ids::uuid[]) WITH ORDINALITY AS p (attempt_id, reservation_id, n)
  LEFT JOIN reservations r ON r.id = p.reservation_id
  LEFT JOIN payment_attempts a ON a.attempt_id = p.attempt_id
  LEFT JOIN orders o ON o.attempt_id = p.attempt_id
 ORDER BY p.n
