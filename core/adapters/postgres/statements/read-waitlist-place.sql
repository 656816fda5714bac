-- read-waitlist-place: how many stand before an entry of the waitlist.
--   in   $1 reservation id
--   out  the number of entries of its SKU that were decided earlier; no row when it does not wait (any more)
--   Counted along the primary key, so that it costs what stands before, and nothing has to be renumbered when somebody is served.
SELECT (SELECT count(*) FROM waitlist e WHERE e.sku_no = w.sku_no AND (e.seq, e.ord) < (w.seq, w.ord))::integer AS ahead
  FROM waitlist w
 WHERE w.id = $1
