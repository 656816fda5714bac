-- first-watermarks: writes the watermarks of partitions that never held a record.
--   in   topic, partitions
--   An existing row stays as it is: a topic that was deleted and created again under its name must stop the writer, not start it
--   at 0.
INSERT INTO partition_progress (topic, partition, next_offset)
SELECT $topic, partition, 0 FROM unnest($partitions::integer[]) AS partition
ON CONFLICT DO NOTHING
