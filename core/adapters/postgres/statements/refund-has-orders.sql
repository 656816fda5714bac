-- refund-has-orders: whether any order may have been refunded at the provider.
SELECT EXISTS (SELECT FROM orders WHERE status IN ('PAID', 'REFUNDED')) AS has_orders
