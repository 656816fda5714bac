-- refund-record: records a refund or a dispute that was made at the provider; a known one stays as it is.
--   in   refund_id, order_id, sku_no, amount_minor, currency, origin, reason, provider_ref
--   out  one row when it was not known
INSERT INTO refunds (refund_id, order_id, sku_no, amount_minor, currency, origin, reason, return_unit, state, provider_ref)
VALUES ($refund_id, $order_id, $sku_no, $amount_minor, $currency, $origin, $reason, true, 'PENDING', $provider_ref)
ON CONFLICT DO NOTHING
RETURNING refund_id
