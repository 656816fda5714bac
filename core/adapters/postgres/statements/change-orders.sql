-- change-orders: the new status of orders.
--   in  $1 order_ids  $2 status
UPDATE orders SET status = $2 WHERE order_id = ANY($1::uuid[])
