-- write-direct: writes the decision of a request that did not go through Kafka; see core/database/functions/write_direct.sql.
--   in   sku_no, seq, epoch, now (microseconds), the decision (user_id is null of a refusal), is_first_units: the first units of
--        this user, digest, refused: refusals by reason
SELECT write_direct(
  p_sku_no => $sku_no::int, p_seq => $seq::int, p_epoch => $epoch::int, p_now => $now::bigint,
  p_outcome => $outcome::smallint, p_quantity => $quantity::int, p_id => $id::uuid, p_user => $user_id::uuid, p_owner => $owner::int,
  p_body_hash => $body_hash::int, p_first_units => $is_first_units::boolean, p_digest => $digest::bytea, p_refused => $refused::int[])
