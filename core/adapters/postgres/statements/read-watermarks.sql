-- read-watermarks: the watermark of each partition of a topic.
--   in   topic
SELECT partition, next_offset::float8 AS next_offset, microseconds(statement_timestamp()) AS now FROM partition_progress WHERE topic = $topic
