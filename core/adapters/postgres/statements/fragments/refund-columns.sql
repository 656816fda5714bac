-- The columns of a refund as RefundRow (refunds.ts) names them; of refunds AS f, its order AS o and the attempt AS a.
f.refund_id, f.order_id, f.sku_no, f.amount_minor::float8 AS amount_minor, f.currency, f.origin, f.reason, f.return_unit, f.state,
       f.provider_ref, f.failure_code, f.requested_at, f.settled_at,
       o.status AS order_status, o.refunded_minor::float8 AS refunded_minor, o.attempt_id, a.provider_ref AS payment_ref
