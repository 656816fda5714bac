-- analytics-insert: stores the first state of a partition.
--   in   group_name, partition, generation, revision, next_offset, state
--   out  one row; none when the partition has a state
INSERT INTO analytics.partitions (group_name, partition, generation, revision, next_offset, state)
VALUES ($group_name, $partition, $generation, $revision, $next_offset, $state)
ON CONFLICT DO NOTHING
RETURNING partition
