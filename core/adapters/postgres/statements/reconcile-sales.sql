-- reconcile-sales: what the tables and the ledger say of some SKUs, each source by itself, in one snapshot.
--   in   sku_nos; overdue_seconds: a hold that ended longer ago should have expired; limit: how many ids of such holds
--   out  one row for each SKU: identity, `is_over` (closed and at rest: Redis may forget it), `inventory_*`, `ledger_*` (its
--        last entry; null without one), `rows_*` (the rows of reservations), `units_held` (user_holdings), `waiting` (waitlist),
--        orders and refunds, and `overdue` with its first ids
WITH rows AS (
  SELECT sku_no, count(*) AS decided,
         coalesce(sum(quantity) FILTER (WHERE state = 1), 0) AS reserved,
         coalesce(sum(quantity) FILTER (WHERE state = 3), 0) AS confirmed,
         count(*) FILTER (WHERE state = 2) AS waitlisted,
         coalesce(sum(quantity) FILTER (WHERE state IN (1, 2, 3)), 0) AS held,
         count(*) FILTER (WHERE state = 1 AND expires_at < statement_timestamp() - make_interval(secs => $overdue_seconds)) AS overdue
    FROM reservations WHERE sku_no = ANY($sku_nos::int[]) GROUP BY sku_no
), ordered AS (
  SELECT sku_no, coalesce(sum(quantity) FILTER (WHERE status IN ('PENDING_CAPTURE', 'PAID') OR status = 'REFUNDED' AND units_kept), 0) AS sold,
         coalesce(sum(quantity) FILTER (WHERE status = 'FAILED' OR status = 'REFUNDED' AND NOT units_kept), 0) AS revoked,
         count(*) AS orders, count(*) FILTER (WHERE status = 'PENDING_CAPTURE') AS pending,
         count(*) FILTER (WHERE status IN ('PAID', 'REFUNDED')) AS captured, coalesce(sum(refunded_minor), 0) AS refunded_minor
    FROM orders WHERE sku_no = ANY($sku_nos::int[]) GROUP BY sku_no
), held AS (
  SELECT sku_no, coalesce(sum(units), 0) AS units FROM user_holdings WHERE sku_no = ANY($sku_nos::int[]) GROUP BY sku_no
)
SELECT i.sku_no, i.sku_id, i.partition, i.resting_since IS NOT NULL AND i.status = 'closed' AS is_over,
       i.seq AS inventory_seq, i.total_stock AS inventory_total,
       i.reserved_count AS inventory_reserved, i.sold_count AS inventory_sold, i.waitlisted AS inventory_waitlisted,
       (i.decided_reserved + i.decided_waitlisted + i.refused_sold_out + i.refused_user_limit + i.refused_sale_not_open
        + i.refused_sale_closed + i.refused_invalid + i.refused_hold_limit)::float8 AS inventory_decided,
       l.seq AS ledger_seq, l.total_after AS ledger_total, l.reserved_after AS ledger_reserved, l.sold_after AS ledger_sold,
       l.hash IS NULL OR l.hash = i.head_hash AS is_head,
       coalesce(r.decided, 0)::float8 AS rows_decided, coalesce(r.reserved, 0)::float8 AS rows_reserved,
       (coalesce(r.confirmed, 0) - coalesce(o.revoked, 0))::float8 AS rows_sold, coalesce(r.waitlisted, 0)::float8 AS rows_waitlisted,
       coalesce(r.held, 0)::float8 AS rows_held, coalesce(h.units, 0)::float8 AS units_held,
       (SELECT count(*) FROM waitlist w WHERE w.sku_no = i.sku_no)::float8 AS waiting,
       coalesce(o.sold, 0)::float8 AS orders_sold, coalesce(o.pending, 0)::float8 AS orders_pending,
       coalesce(o.captured, 0)::float8 AS orders_captured, coalesce(o.refunded_minor, 0)::float8 AS orders_refunded_minor,
       coalesce(r.overdue, 0)::float8 AS overdue,
       ARRAY(SELECT d.id::text FROM reservations d
              WHERE d.sku_no = i.sku_no AND d.state = 1 AND d.expires_at < statement_timestamp() - make_interval(secs => $overdue_seconds)
              ORDER BY d.sku_no, d.expires_at LIMIT $limit) AS overdue_ids
  FROM inventory i
  LEFT JOIN rows r USING (sku_no)
  LEFT JOIN ordered o USING (sku_no)
  LEFT JOIN held h USING (sku_no)
  LEFT JOIN LATERAL (SELECT * FROM ledger WHERE sku_no = i.sku_no ORDER BY seq DESC LIMIT 1) l ON true
 WHERE i.sku_no = ANY($sku_nos::int[])
 ORDER BY i.sku_no
