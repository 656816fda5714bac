-- reconcile-quarantined: the records of a span of a partition that are in quarantine.
--   in   topic, partition, first and last offset
--   out  their offsets
SELECT "offset"::float8 AS "offset" FROM quarantine
 WHERE topic = $topic AND partition = $partition AND "offset" BETWEEN $first AND $last
