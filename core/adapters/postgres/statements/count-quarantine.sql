-- count-quarantine: how many records are in quarantine, by reason and by what operators did with them.
--   in   topics
--   out  one row for each reason
SELECT q.reason,
       count(*) FILTER (WHERE o.kind IS NULL)::integer AS open,
       count(*) FILTER (WHERE o.kind = 'retried')::integer AS retried,
       count(*) FILTER (WHERE o.kind = 'dropped')::integer AS dropped
  FROM quarantine q
  LEFT JOIN quarantine_outcomes o ON o.topic = q.topic AND o.partition = q.partition AND o."offset" = q."offset"
 WHERE q.topic = ANY($topics)
 GROUP BY q.reason
 ORDER BY q.reason
