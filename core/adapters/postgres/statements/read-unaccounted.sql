-- read-unaccounted: the redelivered records that have neither a decision nor a row in quarantine.
--   in   topic, partition, and offsets and ids in pairs (the id is null where the record could not be decoded)
--   out  their offsets
SELECT r."offset"
  FROM unnest($offsets::bigint[], $ids::uuid[]) AS r ("offset", id)
 WHERE NOT EXISTS (SELECT FROM reservations d WHERE d.id = r.id)
   AND NOT EXISTS (SELECT FROM quarantine q WHERE q.topic = $topic AND q.partition = $partition AND q."offset" = r."offset")
