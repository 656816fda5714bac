-- load-order: the order that a payment command names, under the lock of its SKU.
--   in  $1 order_id
SELECT order_id, reservation_id, sku_no, quantity, amount_minor::float8 AS amount_minor, status
  FROM orders
 WHERE order_id = $1
