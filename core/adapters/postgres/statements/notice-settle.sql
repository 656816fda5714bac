-- notice-settle: records what became of a notice.
--   in   event_id, generation, the attempt that sent it, the outcome: state, reason or null, message_id or null
--   Only the attempt that recorded the intent may do it. It may come late, after another sender gave the notice up (UNKNOWN).
UPDATE notices.notices
   SET state = $state, reason = $reason, message_id = $message_id, changed_at = clock_timestamp()
 WHERE event_id = $event_id AND generation = $generation AND attempt = $attempt AND state IN ('INTENDED', 'UNKNOWN')
