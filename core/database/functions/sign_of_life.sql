-- sign_of_life: record_heartbeat as the version before calls it. For removal once that version is gone.
CREATE OR REPLACE FUNCTION sign_of_life() RETURNS SETOF integer LANGUAGE sql AS $$
  SELECT record_heartbeat()
$$;
