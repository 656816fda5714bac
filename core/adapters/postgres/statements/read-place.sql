-- read-place: what has become of a place in line.
--   in   $1 topic  $2 partition  $3 offset
--   out  the watermark of the partition, and whether the record at the offset was put aside; no row for an unknown partition
--   Ask this before asking for the decision: the watermark only grows, so what stands below it has been decided by then.
SELECT p.next_offset::float8 AS next_offset,
       EXISTS (SELECT FROM quarantine q WHERE q.topic = p.topic AND q.partition = p.partition AND q."offset" = $3) AS quarantined
  FROM partition_progress p
 WHERE p.topic = $1 AND p.partition = $2
