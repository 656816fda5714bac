-- read-generations: the generations of the request log that have watermarks, and which of them have ended.
--   in   topics of all generations
--   out  by generation and partition: the watermark; of an ended one who ended it, when, and whether its rest was lost
SELECT (p.next_offset >> 40)::integer + 1 AS generation, p.topic, p.partition, p.next_offset::float8 AS next_offset,
       e.lost, e.ended_by, microseconds(e.ended_at)::float8 AS ended_at
  FROM partition_progress p
  LEFT JOIN ended_generations e ON e.generation = (p.next_offset >> 40) + 1
 WHERE p.topic = ANY($topics)
 ORDER BY generation, p.partition
