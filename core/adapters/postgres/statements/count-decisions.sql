-- count-decisions: the counters of a SKU, by reason.
--   in  $1 sku_no  then the numbers to add
UPDATE inventory
   SET decided_reserved = decided_reserved + $2, decided_waitlisted = decided_waitlisted + $3,
       refused_sold_out = refused_sold_out + $4, refused_user_limit = refused_user_limit + $5,
       refused_sale_not_open = refused_sale_not_open + $6, refused_sale_closed = refused_sale_closed + $7,
       refused_invalid = refused_invalid + $8, duplicates = duplicates + $9, conflicts = conflicts + $10
 WHERE sku_no = $1
