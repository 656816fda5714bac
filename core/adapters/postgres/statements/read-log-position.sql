-- read-log-position: whether a record at a log position is decided.
--   in   topic, partition, offset
--   out  the watermark of the partition, and whether the record is in quarantine; no row for an unknown partition
--   Read this before the decision: the watermark only grows, so that every record below it is decided by then.
SELECT p.next_offset::float8 AS next_offset,
       EXISTS (SELECT FROM quarantine q WHERE q.topic = p.topic AND q.partition = p.partition AND q."offset" = $offset) AS quarantined
  FROM partition_progress p
 WHERE p.topic = $topic AND p.partition = $partition
