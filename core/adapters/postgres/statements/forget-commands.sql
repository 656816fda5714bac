-- forget-commands: deletes what was asked for with an idempotency key and not repeated for a while, the oldest first.
--   in   $1 days it is remembered  $2 most rows of each kind in one statement
--   out  how many rows are gone
WITH old_calls AS (
  DELETE FROM batch_calls WHERE call_id IN (
    SELECT call_id FROM batch_calls WHERE seen_at < statement_timestamp() - make_interval(days => $1) ORDER BY seen_at LIMIT $2)
  RETURNING 1
), old_commands AS (
  DELETE FROM admin_commands WHERE command_id IN (
    SELECT command_id FROM admin_commands WHERE seen_at < statement_timestamp() - make_interval(days => $1) ORDER BY seen_at LIMIT $2)
  RETURNING 1
)
SELECT (SELECT count(*) FROM old_calls)::int + (SELECT count(*) FROM old_commands)::int AS forgotten
