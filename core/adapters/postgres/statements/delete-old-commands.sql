-- delete-old-commands: deletes commands with an idempotency key that no client has repeated for a while, the oldest first.
--   in   days that a command is remembered, and the limit of rows of each kind
--   out  how many rows it deleted
WITH old_calls AS (
  DELETE FROM batch_calls WHERE call_id IN (
    SELECT call_id FROM batch_calls WHERE seen_at < statement_timestamp() - make_interval(days => $days) ORDER BY seen_at LIMIT $limit)
  RETURNING 1
), old_commands AS (
  DELETE FROM admin_commands WHERE command_id IN (
    SELECT command_id FROM admin_commands WHERE seen_at < statement_timestamp() - make_interval(days => $days) ORDER BY seen_at LIMIT $limit)
  RETURNING 1
)
SELECT (SELECT count(*) FROM old_calls)::int + (SELECT count(*) FROM old_commands)::int AS deleted
