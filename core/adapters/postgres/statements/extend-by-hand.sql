-- extend-by-hand: the holds of a SKU that have not run out get more time; see extend_by_hand.
--   in   $1 sku_no  $2 seconds
--   out  the reservations
SELECT DISTINCT extend_by_hand AS id FROM extend_by_hand($1::int, $2::int)
