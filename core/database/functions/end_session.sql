-- end_session: ends the statement of a session of this database, or the session itself. Not its own, not one of a superuser, and
-- none of another database.
--   out  false when there is no such session
CREATE OR REPLACE FUNCTION end_session(p_pid integer, p_whole_session boolean) RETURNS boolean VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
    WHERE a.pid = p_pid AND a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
      AND NOT r.rolsuper;
  IF NOT FOUND THEN
    RETURN false;
  ELSIF p_whole_session THEN
    RETURN pg_terminate_backend(p_pid);
  END IF;
  RETURN pg_cancel_backend(p_pid);
END $$;
REVOKE EXECUTE ON FUNCTION end_session(integer, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_session(integer, boolean) TO flash_admin;
