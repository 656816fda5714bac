-- analytics-read-archive: what a group knew of its partitions at the end of a generation.
--   in   group_name, generation
--   out  partition, generation, revision, next_offset, state
SELECT partition, generation, revision, next_offset, state
  FROM analytics.archive
 WHERE group_name = $group_name AND generation = $generation
