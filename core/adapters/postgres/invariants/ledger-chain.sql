-- Invariants 2 and 16: `seq` has no gap, each entry carries the hash of the one before and its own, the last is the head.
SELECT format('SKU %s seq %s does not follow from the entry before it, or was changed', sku_no, seq) AS violation
  FROM (
    SELECT l.*, lag(seq, 1, 0) OVER chain AS seq_before, lag(hash, 1, '\x'::bytea) OVER chain AS hash_before,
           lag(at, 1, '-infinity'::timestamptz) OVER chain AS at_before
      FROM ledger l WINDOW chain AS (PARTITION BY sku_no ORDER BY seq)
  ) l
 WHERE seq <> seq_before + 1 OR prev_hash <> hash_before OR at < at_before
    OR hash <> ledger_hash(prev_hash, sku_no, seq, kind, first_offset, last_offset, at, total_after, reserved_after, sold_after,
                           digest, refused, moved, amount)
UNION ALL
SELECT format('SKU %s is at seq %s, the head of its ledger is another', i.sku_id, i.seq)
  FROM inventory i LEFT JOIN ledger l ON l.sku_no = i.sku_no AND l.seq = i.seq
 WHERE l.seq IS NULL OR l.hash <> i.head_hash
    OR EXISTS (SELECT FROM ledger later WHERE later.sku_no = i.sku_no AND later.seq > i.seq)
