-- notice-list: notices for an operator, the last changed first.
--   in   reservation_id or null, state or null, limit
SELECT event_id, generation, kind, sku_id, reservation_id, order_id, occurred_at, state, reason, message_id, changed_at
  FROM notices.notices
 WHERE ($reservation_id::uuid IS NULL OR reservation_id = $reservation_id)
   AND ($state::text IS NULL OR state = $state)
 ORDER BY changed_at DESC
 LIMIT $limit
