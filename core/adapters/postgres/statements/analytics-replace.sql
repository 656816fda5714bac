-- analytics-replace: stores the state of a partition in the place of the revision before it.
--   in   group_name, partition, generation, revision, next_offset, state
--   out  one row; none when the partition has another revision: another consumer has stored its state
UPDATE analytics.partitions
   SET generation = $generation, revision = $revision, next_offset = $next_offset, state = $state, written_at = clock_timestamp()
 WHERE group_name = $group_name AND partition = $partition AND revision = $revision - 1
RETURNING partition
