-- change-orders: gives orders a new status.
--   in   order_ids, status
UPDATE orders SET status = $status WHERE order_id = ANY($order_ids::uuid[])
