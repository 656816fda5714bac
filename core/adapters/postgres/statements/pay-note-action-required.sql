-- pay-note-action-required: the shopper has to prove to the provider who he is; until then the money is not held.
--   in   $1 attempt_id  $2 provider_ref
-- Whoever has heard of the payment's end already is not overtaken: of an attempt that is not OPEN only an abandoned one learns something, the
-- name of the payment that is to be given back.
UPDATE payment_attempts
   SET status = CASE status WHEN 'ABANDONED' THEN status ELSE 'ACTION_REQUIRED' END,
       settled_at = CASE WHEN provider_ref IS DISTINCT FROM $2 THEN NULL ELSE settled_at END,
       provider_ref = $2,
       updated_at = clock_timestamp()
 WHERE attempt_id = $1 AND status IN ('OPEN', 'ABANDONED')
