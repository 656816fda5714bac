-- read-clock: the moment of the decision: after the locks, never before the last ledger entry. And how far back the last decisions lie.
--   in   $1 sku_nos  $2 ledger entries that are looked through
--   out  now, and by SKU: the sequence of its last entry of decisions, or one behind which there is none
SELECT microseconds(greatest(clock_timestamp(), max(i.ledger_at))) AS now,
       array_agg(i.sku_no) AS sku_nos, array_agg(coalesce(d.seq, i.seq - $2::int)) AS decided_seqs
  FROM inventory i
 CROSS JOIN LATERAL (SELECT max(seq) AS seq FROM ledger WHERE sku_no = i.sku_no AND seq > i.seq - $2::int AND kind = 'decided') d
 WHERE i.sku_no = ANY($1::int[])
