-- first-watermarks: writes the watermarks of partitions that never held a record.
--   in   topic, partitions, the first offset
--   An existing row stays as it is: a topic that was deleted and created again under its name must stop the writer, not start it
--   at its first offset.
INSERT INTO partition_progress (topic, partition, next_offset)
SELECT $topic, partition, $first::bigint FROM unnest($partitions::integer[]) AS partition
ON CONFLICT DO NOTHING
