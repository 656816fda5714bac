-- change-order: the new status of an order.
--   in  $1 order_id  $2 status
UPDATE orders SET status = $2 WHERE order_id = $1
