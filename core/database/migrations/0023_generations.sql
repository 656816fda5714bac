-- A generation of the request log that has ended: its watermarks stay, and no writer moves them again.
ALTER TABLE partition_progress ADD COLUMN ended boolean NOT NULL DEFAULT false;

-- Which generations have ended: drained to their end, or lost from their watermarks on. A row never changes.
CREATE TABLE ended_generations (
  generation integer PRIMARY KEY,
  topic      text NOT NULL,
  lost       boolean NOT NULL,
  ended_by   text NOT NULL,
  ended_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
