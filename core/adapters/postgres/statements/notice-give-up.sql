-- notice-give-up: a notice without an outcome becomes UNKNOWN.
--   in   event_id, generation
--   out  one row, if it was INTENDED until now
UPDATE notices.notices
   SET state = 'UNKNOWN', reason = 'sender-ended', changed_at = clock_timestamp()
 WHERE event_id = $event_id AND generation = $generation AND state = 'INTENDED'
RETURNING event_id
