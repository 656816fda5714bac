-- relay-lock: how far a SKU is published; no row while another relay is at it.
--   in  $1 sku_no
SELECT published_seq FROM event_progress WHERE sku_no = $1 FOR UPDATE SKIP LOCKED
