-- sweep-pick: SKUs with work that is due by time, without locks: an overdue hold, or waitlist entries of a closed sale, both of
-- sales in motion; or a closing time.
--   in   the limit of closings; the others come with the next sweep
WITH closing AS (
  SELECT sku_no FROM inventory WHERE status <> 'closed' AND closes_at <= statement_timestamp() ORDER BY closes_at LIMIT $limit
), overdue AS (
  SELECT i.sku_no, i.status, i.waitlisted, o.expires_at
    FROM inventory i
    LEFT JOIN LATERAL (
      SELECT expires_at FROM reservations r
       WHERE i.reserved_count > 0 AND r.sku_no = i.sku_no AND r.state = 1 AND r.expires_at <= statement_timestamp()
       ORDER BY r.sku_no, r.expires_at
       LIMIT 1
    ) o ON true
   WHERE i.resting_since IS NULL AND (o.expires_at IS NOT NULL OR i.status = 'closed' AND i.waitlisted > 0)
)
SELECT sku_no, closing.sku_no IS NOT NULL AS closes,
       coalesce(extract(epoch FROM statement_timestamp() - overdue.expires_at) * 1000, 0)::float8 AS lag_ms
  FROM overdue FULL JOIN closing USING (sku_no)
 ORDER BY sku_no
