-- analytics-archive: keeps the last state of a partition in a generation; a later revision replaces an earlier one.
--   in   group_name, partition, generation, revision, next_offset, state
INSERT INTO analytics.archive AS known (group_name, generation, partition, revision, next_offset, state)
VALUES ($group_name, $generation, $partition, $revision, $next_offset, $state)
ON CONFLICT (group_name, generation, partition)
DO UPDATE SET revision = excluded.revision, next_offset = excluded.next_offset, state = excluded.state,
              archived_at = clock_timestamp()
        WHERE known.revision < excluded.revision
