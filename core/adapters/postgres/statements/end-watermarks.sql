-- end-watermarks: ends the watermarks of a generation; the writer moves them no more (lock_partition). The caller holds their
-- locks.
--   in   topic
UPDATE partition_progress SET ended = true WHERE topic = $topic
