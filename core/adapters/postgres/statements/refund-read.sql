-- refund-read: one refund.
--   in   refund_id
SELECT {{refund-columns}}
  FROM refunds f JOIN orders o USING (order_id) JOIN payment_attempts a USING (attempt_id)
 WHERE f.refund_id = $refund_id
