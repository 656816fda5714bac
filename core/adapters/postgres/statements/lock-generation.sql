-- lock-generation: locks the watermarks of a generation: no batch of the writer is under way then.
--   in   topic
SELECT partition, next_offset::float8 AS next_offset, ended FROM partition_progress WHERE topic = $topic ORDER BY partition FOR UPDATE
