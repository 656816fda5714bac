-- lock-quarantined: holds the record of a place until the end of the transaction, so that two operators do not end it at once.
--   in   topic, partition, offset
SELECT pg_advisory_xact_lock(hashtextextended(format('quarantine %s %s %s', $topic::text, $partition::integer, $offset::bigint), 0))
