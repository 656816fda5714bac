-- first-watermarks: the watermarks of partitions that nothing was ever written to.
--   in   $1 topic  $2 partitions (integer[])
--   A row that exists stays as it is: a topic created again under its old name must stop the writer, not start it over.
INSERT INTO partition_progress (topic, partition, next_offset)
SELECT $1, partition, 0 FROM unnest($2::integer[]) AS partition
ON CONFLICT DO NOTHING
