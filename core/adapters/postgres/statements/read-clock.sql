-- read-clock: the moment of the decision, after the locks and never before the last ledger entry; and where the last decisions
-- are.
--   in   sku_nos, and the number of ledger entries to look through
--   out  now, and for each SKU the sequence of its last entry of decisions, or a sequence after which there is none
SELECT microseconds(greatest(clock_timestamp(), max(i.ledger_at))) AS now,
       array_agg(i.sku_no) AS sku_nos, array_agg(coalesce(d.seq, i.seq - $entries::int)) AS decided_seqs
  FROM inventory i
 CROSS JOIN LATERAL (SELECT max(seq) AS seq FROM ledger WHERE sku_no = i.sku_no AND seq > i.seq - $entries::int AND kind = 'decided') d
 WHERE i.sku_no = ANY($sku_nos::int[])
