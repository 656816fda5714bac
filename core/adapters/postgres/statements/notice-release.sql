-- notice-release: forgets an intent whose mail was certainly not sent, so that the next delivery of its event sends it.
--   in   event_id, generation, the attempt
DELETE FROM notices.notices
 WHERE event_id = $event_id AND generation = $generation AND attempt = $attempt AND state = 'INTENDED'
