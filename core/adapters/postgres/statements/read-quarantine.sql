-- read-quarantine: records in quarantine, in the order of their offsets, with what operators did with them.
--   in   topics, the reason and the state (null: any), the place after which to begin, how many at most
--   out  one row for each record; times in microseconds
SELECT q.partition, q."offset"::float8 AS "offset", q.reason, q.raw, q.sha256, microseconds(q.quarantined_at)::float8 AS at,
       o.kind, o.new_partition, o.new_offset::float8 AS new_offset, o.why, o.done_by, microseconds(o.done_at)::float8 AS done_at
  FROM quarantine q
  LEFT JOIN quarantine_outcomes o ON o.topic = q.topic AND o.partition = q.partition AND o."offset" = q."offset"
 WHERE q.topic = ANY($topics)
   AND (q.partition, q."offset") > ($after_partition, $after_offset)
   AND ($reason::text IS NULL OR q.reason = $reason)
   AND ($state::text IS NULL OR coalesce(o.kind, 'open') = $state)
 ORDER BY q.partition, q."offset"
 LIMIT $limit
