-- read-accounted: which of these redelivered records are accounted for, as a decision or in quarantine.
--   in   $1 topic  $2 partition  $3 offsets  $4 ids (null where the record could not be decoded), pairwise
--   out  the offsets that are not
SELECT r."offset"
  FROM unnest($3::bigint[], $4::uuid[]) AS r ("offset", id)
 WHERE NOT EXISTS (SELECT FROM reservations d WHERE d.id = r.id)
   AND NOT EXISTS (SELECT FROM quarantine q WHERE q.topic = $1 AND q.partition = $2 AND q."offset" = r."offset")
