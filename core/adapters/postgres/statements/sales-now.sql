-- sales-now: sales that are open, that open within a time, or that have still something to end.
--   in   within_ms  from now to the latest opening
--   out  partition; opens_ms and closes_ms in milliseconds since 1970, null for a sale that is opened or closed by hand;
--        status; at_rest_ms: how long nothing has been held and nobody has waited, null while something is or somebody does;
--        now_ms: the database's clock
SELECT partition, status,
       extract(epoch FROM opens_at) * 1000 AS opens_ms,
       extract(epoch FROM closes_at) * 1000 AS closes_ms,
       extract(epoch FROM statement_timestamp() - resting_since) * 1000 AS at_rest_ms,
       extract(epoch FROM statement_timestamp()) * 1000 AS now_ms
  FROM inventory
 WHERE status = 'open'
    OR status = 'draft' AND opens_at <= statement_timestamp() + $within_ms * interval '1 millisecond'
    OR status = 'closed' AND resting_since IS NULL
 ORDER BY partition, sku_no
