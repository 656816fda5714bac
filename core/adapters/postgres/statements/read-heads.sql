-- read-heads: the last sequence of each SKU's ledger and the hash that covers everything up to it, in one snapshot.
SELECT sku_no, seq, encode(head_hash, 'hex') AS head_hash, statement_timestamp() AS read_at
  FROM inventory
 WHERE seq > 0
 ORDER BY sku_no
