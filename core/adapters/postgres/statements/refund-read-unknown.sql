-- refund-read-unknown: of the provider's names of refunds, those that no row has.
--   in   refs
--   out  ref
SELECT u.ref
  FROM unnest($refs::text[]) AS u (ref)
 WHERE NOT EXISTS (SELECT FROM refunds f WHERE f.provider_ref = u.ref)
