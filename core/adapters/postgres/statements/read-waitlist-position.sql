-- read-waitlist-position: how many entries stand before an entry of the waitlist.
--   in   the id of the reservation
--   out  the number of entries of its SKU that were decided earlier; no row when it is not on the waitlist
--   PostgreSQL counts along the primary key: the cost is that of the entries before, and no entry is renumbered when one is
--   served.
SELECT (SELECT count(*) FROM waitlist e WHERE e.sku_no = w.sku_no AND (e.seq, e.ord) < (w.seq, w.ord))::integer AS ahead
  FROM waitlist w
 WHERE w.id = $id
