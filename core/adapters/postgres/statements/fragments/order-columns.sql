-- The columns of an order as OrderRow (orders.ts) names them; of orders AS o. The refund columns are null without a refund. A
-- dispute is shown by the money that it takes, once it is lost.
o.order_id, o.reservation_id, o.sku_id, o.quantity, o.amount_minor::float8 AS amount_minor, o.currency, o.status, o.created_at,
       CASE WHEN f.state IS NOT NULL OR o.refunded_at IS NOT NULL THEN o.refunded_minor::float8 END AS refunded_minor, o.refunded_at,
       f.state AS refund_state
