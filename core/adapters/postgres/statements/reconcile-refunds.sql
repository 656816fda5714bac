-- reconcile-refunds: of the refunds at the provider, those that the tables do not have in that state, for orders of some SKUs.
--   in   refs, payment_refs and states, in threes; sku_nos
--   out  ref, payment_ref, order_id and sku_no of each refund that differs
SELECT p.ref, p.payment_ref, o.order_id, o.sku_no
  FROM unnest($refs::text[], $payment_refs::text[], $states::text[]) AS p (ref, payment_ref, state)
  JOIN payment_attempts a ON a.provider_ref = p.payment_ref AND a.status = 'CONFIRMED'
  JOIN orders o ON o.attempt_id = a.attempt_id
  LEFT JOIN refunds f ON f.provider_ref = p.ref
 WHERE o.sku_no = ANY($sku_nos::int[])
   AND CASE p.state WHEN 'failed' THEN f.state NOT IN ('FAILED') ELSE f.state IS NULL OR p.state = 'succeeded' AND f.state <> 'SUCCEEDED' END
