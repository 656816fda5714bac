-- pay-abandon-ended: abandons attempts that are still open although their hold has ended, oldest first.
--   in   limit
--   out  attempt_id, reservation_id, provider_ref
--   After an outage no hold has ended before it was extended. SKIP LOCKED leaves out rows that a confirmation or another sweeper
--   works on. A row that was confirmed since the snapshot no longer matches.
UPDATE payment_attempts SET status = 'ABANDONED', updated_at = clock_timestamp()
 WHERE attempt_id IN (
         SELECT a.attempt_id
           FROM payment_attempts a
           JOIN reservations r ON r.id = a.reservation_id
           JOIN inventory i ON i.sku_no = r.sku_no
          WHERE a.settled_at IS NULL AND a.status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED')
            AND (r.state <> 1 OR r.expires_at <= clock_timestamp() AND expiry_resumed(i.outage_no))
          ORDER BY a.created_at
          LIMIT $limit
            FOR UPDATE OF a SKIP LOCKED)
RETURNING attempt_id, reservation_id, provider_ref
