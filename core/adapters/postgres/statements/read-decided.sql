-- read-decided: what is decided of these ids, at which log position, and how much is left of each hold by this server's clock.
--   in   ids
--   out  one row for each id that is decided. The offset of a direct decision is null. `overdue` marks a hold that has ended and
--        is not expired yet. After an outage no hold is overdue before it was extended.
SELECT {{reservation-columns}}, i.sku_id,
       coalesce(r.state = 1 AND r.expires_at <= clock_timestamp(), false) AND expiry_resumed(i.outage_no) AS overdue,
       extract(epoch FROM r.expires_at - clock_timestamp())::float8 * 1000 AS remaining_ms,
       i.partition, ((SELECT l.first_offset FROM ledger l WHERE l.sku_no = r.sku_no AND l.seq = r.seq) + r.ord)::float8 AS "offset"
  FROM reservations r
  JOIN inventory i ON i.sku_no = r.sku_no
 WHERE r.id = ANY($ids::uuid[])
