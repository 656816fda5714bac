-- read-living-generations: the generations of the request log that have watermarks, of whatever topic.
--   out  by generation: its topic, and whether it has ended
SELECT DISTINCT (next_offset >> 40)::integer + 1 AS generation, topic, ended FROM partition_progress ORDER BY generation
