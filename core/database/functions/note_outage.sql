-- note_outage: record_outage under its old name, for calls that are under way while the version before is replaced. For removal.
CREATE OR REPLACE FUNCTION note_outage() RETURNS integer LANGUAGE sql AS $$
  SELECT record_outage()
$$;
