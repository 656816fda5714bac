-- sweep-pick: SKUs for which time has made something due, without locks: an overdue hold, a closing time, waiters of a closed sale.
SELECT i.sku_no, (i.status <> 'closed' AND i.closes_at <= statement_timestamp()) IS TRUE AS closes,
       coalesce(extract(epoch FROM statement_timestamp() - o.expires_at) * 1000, 0)::float8 AS lag_ms
  FROM inventory i
  LEFT JOIN LATERAL (
    SELECT expires_at FROM reservations r
     WHERE r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
     ORDER BY r.sku_no, r.expires_at
     LIMIT 1
  ) o ON true
 WHERE o.expires_at IS NOT NULL
    OR (i.status <> 'closed' AND i.closes_at <= statement_timestamp())
    OR (i.status = 'closed' AND i.waitlisted > 0)
 ORDER BY i.sku_no
