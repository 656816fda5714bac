-- relay-advance: records that everything up to to_seq is published; only for the relay that has the turn, and only from where it
-- began.
--   in   sku_no, claim, from_seq (published before), to_seq
--   out  a row if it was recorded; none when another relay has the turn or has published meanwhile: published_seq never goes back
UPDATE event_progress SET published_seq = $to_seq
 WHERE sku_no = $sku_no AND claim = $claim AND published_seq = $from_seq
RETURNING sku_no
