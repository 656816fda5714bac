-- relay-advance: everything up to $4 is published; only for the relay whose turn it is, and only from where it began.
--   in   $1 sku_no  $2 claim  $3 published_seq before  $4 published_seq after
--   out  a row if it was noted; none when another relay has the turn or has published meanwhile: published_seq never goes back
UPDATE event_progress SET published_seq = $4
 WHERE sku_no = $1 AND claim = $2 AND published_seq = $3
RETURNING sku_no
