-- pay-require-action: records that the shopper must authenticate with the provider. Until then the provider does not hold the
-- money.
--   in   attempt_id, provider_ref
--   A later state stays: of the attempts that are not OPEN only an abandoned one changes. It gets the name of the payment to give
--   back.
UPDATE payment_attempts
   SET status = CASE status WHEN 'ABANDONED' THEN status ELSE 'ACTION_REQUIRED' END,
       settled_at = CASE WHEN provider_ref IS DISTINCT FROM $provider_ref THEN NULL ELSE settled_at END,
       provider_ref = $provider_ref,
       updated_at = clock_timestamp()
 WHERE attempt_id = $attempt_id AND status IN ('OPEN', 'ABANDONED')
