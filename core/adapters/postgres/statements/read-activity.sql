-- read-activity: how many transactions the database has ended since its statistics began, and how many of them wrote.
--   out  one row: ended; writing: the next transaction id, which only a transaction that writes uses up; the time in
--        microseconds; and the limits that the sweeper chose for itself
SELECT (d.xact_commit + d.xact_rollback)::float8 AS ended,
       pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS writing,
       microseconds(clock_timestamp())::float8 AS at,
       coalesce((SELECT value FROM operator_settings WHERE name = 'limits-by-itself'), 'normal') AS by_itself
  FROM pg_stat_database d
 WHERE d.datname = current_database()
