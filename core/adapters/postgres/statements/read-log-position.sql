-- read-log-position: whether a record at a log position is decided.
--   in   topics of all generations of the log, partition, offset over all generations
--   out  the place of the record: its own, or the one that an operator's retry gave its request; the watermark of that partition
--        in the generation of the offset, whether that generation has ended, and whether the record there is in quarantine; no
--        row for an unknown partition
--   Read this before the decision: the watermark only grows, so that every record below it is decided by then. An offset names
--   its generation (core/domain/log-generations.ts): 2^40 offsets each.
WITH RECURSIVE place AS (
  SELECT $partition::integer AS partition, $offset::bigint AS "offset"
  UNION ALL
  SELECT o.new_partition, o.new_offset
    FROM place l
    JOIN quarantine_outcomes o ON o.topic = ANY($topics) AND o.partition = l.partition AND o."offset" = l."offset" AND o.kind = 'retried'
)
SELECT l.partition, l."offset"::float8 AS "offset", p.next_offset::float8 AS next_offset, p.ended,
       EXISTS (SELECT FROM quarantine q WHERE q.topic = p.topic AND q.partition = l.partition AND q."offset" = l."offset") AS quarantined
  FROM place l
  JOIN partition_progress p ON p.topic = ANY($topics) AND p.partition = l.partition AND p.next_offset >> 40 = l."offset" >> 40
 WHERE NOT EXISTS (SELECT FROM quarantine_outcomes o
                    WHERE o.topic = p.topic AND o.partition = l.partition AND o."offset" = l."offset" AND o.kind = 'retried')
