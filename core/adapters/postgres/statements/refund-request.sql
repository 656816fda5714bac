-- refund-request: records a refund that an operator asks for; see request_refund.
--   in   refund_id, request_hash, order_id, amount_minor or null, reason, return_unit, requested_by
--   out  outcome, left_minor
SELECT outcome, left_minor::float8 AS left_minor
  FROM request_refund($refund_id, $request_hash, $order_id, $amount_minor, $reason, $return_unit, $requested_by)
