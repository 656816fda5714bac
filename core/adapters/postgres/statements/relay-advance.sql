-- relay-advance: everything up to $2 is published.
--   in  $1 sku_no  $2 seq
UPDATE event_progress SET published_seq = $2 WHERE sku_no = $1
