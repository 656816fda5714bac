-- record-batch-call: records what the key of a trusted client's batch stands for, or finds it.
--   in   call_id (of client and key), the hash of the items
--   out  one row when the key is new or stands for the same items; none when it stands for others
--   Of two calls at once, the second waits for the row of the first. A repetition keeps the row longer.
INSERT INTO batch_calls AS known (call_id, body_hash) VALUES ($call_id, $body_hash)
ON CONFLICT (call_id) DO UPDATE SET seen_at = clock_timestamp() WHERE known.body_hash = excluded.body_hash
RETURNING call_id
