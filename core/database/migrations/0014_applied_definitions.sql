-- Functions and roles are no longer made by migrations: core/database/functions and core/database/roles.sql hold the one live
-- definition of each. This table remembers which text of each file the database has, so that a changed file is applied again.
CREATE TABLE applied_definitions (
  name       text PRIMARY KEY,
  sha256     bytea NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
