-- Invariant 9: confirmed, paid for and ordered are one thing: one order, one confirmed attempt, the server's amount.
SELECT format('reservation %s is confirmed without an order, or ordered without being confirmed', coalesce(r.id, o.reservation_id)) AS violation
  FROM (SELECT * FROM reservations WHERE state = 3) r FULL JOIN orders o ON o.reservation_id = r.id
 WHERE r.id IS NULL OR o.order_id IS NULL
UNION ALL
SELECT format('order %s does not match its attempt, its reservation or its price', o.order_id)
  FROM orders o
  JOIN reservations r ON r.id = o.reservation_id
  JOIN products p ON p.sku_id = o.sku_id
  LEFT JOIN payment_attempts a ON a.attempt_id = o.attempt_id
 WHERE a.status IS DISTINCT FROM 'CONFIRMED' OR a.reservation_id <> o.reservation_id OR o.quantity <> r.quantity OR o.user_id <> r.user_id
    OR o.amount_minor <> p.price_minor * r.quantity OR a.amount_minor <> o.amount_minor
UNION ALL
SELECT format('attempt %s is confirmed without an order', a.attempt_id)
  FROM payment_attempts a LEFT JOIN orders o ON o.attempt_id = a.attempt_id WHERE a.status = 'CONFIRMED' AND o.order_id IS NULL
