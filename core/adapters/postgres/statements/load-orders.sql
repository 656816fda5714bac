-- load-orders: the orders that a payment command names, under the lock of their SKU.
--   in   order_ids
SELECT order_id, reservation_id, sku_no, quantity, amount_minor::float8 AS amount_minor,
       refunded_minor::float8 AS refunded_minor, status
  FROM orders
 WHERE order_id = ANY($order_ids::uuid[])
