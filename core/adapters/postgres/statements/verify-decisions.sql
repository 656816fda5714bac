-- verify-decisions: every decision, in the order of the ledger entries that cover them.
SELECT id, sku_no, seq, ord, outcome, state, quantity, user_id, owner, body_hash, NULL AS expires_at
  FROM reservations
 ORDER BY sku_no, seq, ord
