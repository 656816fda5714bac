-- verify-ledger: the whole ledger in order, SKU by SKU, and whether each stored hash is the hash of its entry.
SELECT sku_no, seq, kind, total_after, reserved_after, sold_after, digest, prev_hash, hash,
       hash = ledger_hash(prev_hash, sku_no, seq, kind, first_offset, last_offset, at, total_after, reserved_after, sold_after,
                          digest, refused, moved, amount) AS chained
  FROM ledger
 ORDER BY sku_no, seq
