-- What operators set while a sale runs, and the sweeper for itself: one row for each setting, with its last change.
--   limits            normal | tight: the limits of admission, as an operator chose them
--   limits-by-itself  normal | tight: the same, as the sweeper chose them by the reads of PostgreSQL; tight counts if either is
--   batch-size        default, or the records of a batch of the writer
CREATE TABLE operator_settings (
  name   text PRIMARY KEY,
  value  text NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
