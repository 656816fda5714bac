-- analytics-read: what a group knows of its partitions.
--   in   group_name, partition (null: all of them)
--   out  partition, generation, revision, next_offset, state
SELECT partition, generation, revision, next_offset, state
  FROM analytics.partitions
 WHERE group_name = $group_name AND ($partition::integer IS NULL OR partition = $partition)
