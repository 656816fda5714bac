-- note-batch-call: remembers what a key of a trusted client stands for, or finds it.
--   in   $1 id of client and key  $2 hash of the items
--   out  one row if the key is new or stands for the same items; none if it stands for others
--   Two calls at once: the second waits for the row of the first. A repetition makes the row live longer.
INSERT INTO batch_calls AS known (call_id, body_hash) VALUES ($1, $2)
ON CONFLICT (call_id) DO UPDATE SET seen_at = clock_timestamp() WHERE known.body_hash = excluded.body_hash
RETURNING call_id
