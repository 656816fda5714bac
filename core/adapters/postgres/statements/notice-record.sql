-- notice-record: records a notice, unless its event has one in this generation.
--   in   the facts of the notice, its generation, its first state and its attempt
--   out  one row: is_mine (recorded by this attempt), state as it is now
--   One statement, so that two senders of one event cannot both find nothing. A call that is repeated after a lost answer finds
--   its own row.
INSERT INTO notices.notices (event_id, generation, kind, sku_id, reservation_id, order_id, occurred_at, state, attempt)
VALUES ($event_id, $generation, $kind, $sku_id, $reservation_id, $order_id, $occurred_at, $state, $attempt)
ON CONFLICT (event_id, generation) DO UPDATE SET generation = excluded.generation
RETURNING attempt = $attempt AS is_mine, state
