-- read-largest-tables: the largest tables with their indexes, and when each was vacuumed
SELECT relname AS table, pg_total_relation_size(relid)::float8 AS bytes, n_live_tup::float8 AS rows, n_dead_tup::float8 AS dead_rows,
       greatest(last_vacuum, last_autovacuum) AS vacuumed_at
  FROM pg_stat_user_tables
 ORDER BY pg_total_relation_size(relid) DESC
 LIMIT 12
