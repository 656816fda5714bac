-- database_activity: what the sessions of this database do, which statements take the most time, and how far copies of the server
-- are. Only the owner of the database may see the sessions of others, so it runs with the owner's rights. A text in quotation
-- marks may be of a person: it is left out.
CREATE OR REPLACE FUNCTION database_activity() RETURNS jsonb VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public LANGUAGE plpgsql AS $$
DECLARE
  sessions jsonb;
  statements jsonb;
  copies jsonb;
BEGIN
  SELECT coalesce(jsonb_agg(s ORDER BY s.transaction_ms DESC NULLS LAST, s.pid), '[]') INTO sessions FROM (
    SELECT a.pid, coalesce(nullif(a.application_name, ''), a.usename::text) AS client, host(a.client_addr) AS address, a.state,
           a.wait_event_type || ':' || a.wait_event AS waits_for,
           to_jsonb(pg_blocking_pids(a.pid)) AS blocked_by,
           extract(epoch FROM clock_timestamp() - a.xact_start)::float8 * 1000 AS transaction_ms,
           extract(epoch FROM clock_timestamp() - a.state_change)::float8 * 1000 AS state_ms,
           left(regexp_replace(regexp_replace(a.query, '\s+', ' ', 'g'), $q$'[^']*'$q$, $q$'?'$q$, 'g'), 200) AS query
      FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
  ) s;
  -- Without the extension, or on a server that does not load it, the rest is answered all the same.
  BEGIN
    SELECT coalesce(jsonb_agg(s), '[]') INTO statements FROM (
      SELECT left(regexp_replace(q.query, '\s+', ' ', 'g'), 200) AS query, q.calls, q.total_exec_time AS total_ms,
             q.mean_exec_time AS mean_ms, q.max_exec_time AS max_ms, q.rows
        FROM pg_stat_statements q
       WHERE q.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       ORDER BY q.total_exec_time DESC
       LIMIT 15
    ) s;
  EXCEPTION WHEN undefined_table OR object_not_in_prerequisite_state THEN
    statements := NULL;
  END;
  SELECT coalesce(jsonb_agg(c), '[]') INTO copies FROM (
    SELECT coalesce(s.slot_name::text, r.application_name) AS name,
           coalesce(r.state, CASE WHEN s.active THEN 'active' ELSE 'unused' END) AS state,
           pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(r.replay_lsn, s.restart_lsn))::float8 AS behind_bytes,
           extract(epoch FROM r.replay_lag)::float8 * 1000 AS behind_ms
      FROM pg_stat_replication r
      FULL JOIN pg_replication_slots s ON s.active_pid = r.pid
  ) c;
  RETURN jsonb_build_object('sessions', sessions, 'statements', statements, 'copies', copies);
END $$;
REVOKE EXECUTE ON FUNCTION database_activity() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION database_activity() TO flash_admin;
