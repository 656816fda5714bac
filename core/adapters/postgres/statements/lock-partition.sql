-- lock-partition: the first lock of the writer.
--   in      topic, partition, the expected watermark
--   raises  FS001, FS002, FS005; see core/database/functions/lock_partition.sql
SELECT lock_partition($topic, $partition, $expected)
