-- read-decided: what was decided about these ids and at which place in the queue, and what is left of each hold by this server's clock.
--   in   $1 ids
--   out  one row per id that is decided; the place is null of a direct decision; `overdue` marks a hold that has run out and that nobody has ended yet. After an outage no hold is
--        overdue before it was extended.
SELECT r.id, r.sku_no, i.sku_id, r.seq, r.ord, r.outcome, r.state, r.quantity, r.user_id, r.owner, r.body_hash,
       microseconds(r.expires_at) AS expires_at,
       coalesce(r.state = 1 AND r.expires_at <= clock_timestamp(), false) AND expiry_resumed(i.outage_no) AS overdue,
       extract(epoch FROM r.expires_at - clock_timestamp())::float8 * 1000 AS remaining_ms,
       i.partition, ((SELECT l.first_offset FROM ledger l WHERE l.sku_no = r.sku_no AND l.seq = r.seq) + r.ord)::float8 AS "offset"
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
 WHERE r.id = ANY($1::uuid[])
