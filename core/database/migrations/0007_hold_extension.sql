-- An outage of the database does not shorten a hold: the hold is extended by the length of the outage before it can expire.
-- Outages are found by pg_postmaster_start_time(), which changes with a restart or a failover. A server that hung keeps it: hangs
-- are not covered (ADR 0014).

-- When the server was last known to run, and since which start: one row, written every second by the sweeper.
CREATE TABLE server_life (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  started_at timestamptz NOT NULL DEFAULT pg_postmaster_start_time(),
  alive_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  outage_no  integer NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO server_life DEFAULT VALUES;

-- Each outage, from the last time the server was known to run before it to the first time after it.
CREATE TABLE outages (
  outage_no integer PRIMARY KEY,
  down_from timestamptz NOT NULL,
  up_at     timestamptz NOT NULL
);

-- The last outage that the holds of a SKU were extended for.
ALTER TABLE inventory ADD COLUMN outage_no integer NOT NULL DEFAULT 0;
