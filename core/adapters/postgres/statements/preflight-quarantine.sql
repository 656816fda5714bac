-- preflight-quarantine: the records in quarantine that no operator has retried or dropped.
--   out  how many, and where the first of them is
SELECT count(*)::float8 AS records, min(format('%s %s %s', topic, partition, "offset")) AS first
  FROM quarantine q
 WHERE NOT EXISTS (SELECT FROM quarantine_outcomes o
                    WHERE o.topic = q.topic AND o.partition = q.partition AND o."offset" = q."offset")
