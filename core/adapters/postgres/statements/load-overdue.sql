-- load-overdue: holds that have run out, earliest first, at most $2 a SKU.
--   in  $1 sku_nos  $2 limit
--   statement_timestamp() is taken when the server starts on this statement, which is after the locks, and is not after the
--   clock that read-clock returns; clock_timestamp() here would be volatile and keep the index from being used.
SELECT s.sku_no, r.id, r.user_id, r.quantity
  FROM unnest($1::int[]) AS s (sku_no)
 CROSS JOIN LATERAL (
   SELECT id, user_id, quantity FROM reservations r
    WHERE r.sku_no = s.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
    ORDER BY r.sku_no, r.expires_at
    LIMIT $2
 ) r
