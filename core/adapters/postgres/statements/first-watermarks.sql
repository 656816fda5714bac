-- first-watermarks: the watermarks of a topic about to be created.
--   in   $1 topic  $2 partitions
--   A row that exists stays as it is: a topic created again under its old name must stop the writer, not start it over.
INSERT INTO partition_progress (topic, partition, next_offset)
SELECT $1, partition, 0 FROM generate_series(0, $2::integer - 1) AS partition
ON CONFLICT DO NOTHING
