-- The columns of a reservation, as ReservationRow (rows.ts) names them; of reservations AS r.
r.id, r.sku_no, r.seq, r.ord, r.outcome, r.state, r.quantity, r.user_id, r.owner, r.body_hash,
       microseconds(r.expires_at) AS expires_at
