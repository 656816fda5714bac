-- read-watermarks: how far each partition of a topic is decided.
--   in  $1 topic
SELECT partition, next_offset::float8 AS next_offset, microseconds(statement_timestamp()) AS now FROM partition_progress WHERE topic = $1
