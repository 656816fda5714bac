-- notice-report: records what the mail provider reports about a mail that it took.
--   in   event_id, generation, state (BOUNCED or COMPLAINED), reason or null
--   out  one row, if the notice exists and nothing worse is known of it
UPDATE notices.notices
   SET state = $state, reason = $reason, changed_at = clock_timestamp()
 WHERE event_id = $event_id AND generation = $generation
   AND (state IN ('INTENDED', 'SENT', 'UNKNOWN') OR state = 'BOUNCED' AND $state::text = 'COMPLAINED')
RETURNING event_id
