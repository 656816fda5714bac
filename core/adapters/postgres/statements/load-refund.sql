-- load-refund: the refund that a command settles, under the lock of its SKU.
--   in   refund_id
SELECT refund_id, order_id, amount_minor::float8 AS amount_minor, state, return_unit FROM refunds WHERE refund_id = $refund_id
