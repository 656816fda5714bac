-- end-quarantined: notes what an operator did with a record in quarantine.
--   in   topic, partition, offset, kind, the new place (of a retried record), why (of a dropped record), the operator
INSERT INTO quarantine_outcomes (topic, partition, "offset", kind, new_partition, new_offset, why, done_by)
VALUES ($topic, $partition, $offset, $kind, $new_partition, $new_offset, $why, $done_by)
