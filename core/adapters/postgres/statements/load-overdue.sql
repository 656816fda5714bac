-- load-overdue: holds that have ended, the earliest first.
--   in   sku_nos, and the limit of holds for each SKU
--   statement_timestamp() is the time at which the server starts this statement: after the locks, and not after the clock that
--   read-clock returns. clock_timestamp() here would be volatile and keep PostgreSQL from using the index.
SELECT s.sku_no, r.id, r.user_id, r.quantity
  FROM unnest($sku_nos::int[]) AS s (sku_no)
 CROSS JOIN LATERAL (
   SELECT id, user_id, quantity FROM reservations r
    WHERE r.sku_no = s.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
    ORDER BY r.sku_no, r.expires_at
    LIMIT $limit
 ) r
