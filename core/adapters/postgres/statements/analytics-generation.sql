-- analytics-generation: the generation that a group counts in.
--   in   group_name
--   out  generation; no row before the first one was begun
SELECT generation FROM analytics.generations WHERE group_name = $group_name
