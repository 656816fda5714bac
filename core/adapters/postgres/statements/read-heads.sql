-- read-heads: how far the ledger of each SKU has come, and the hash that stands for everything up to there, in one snapshot.
SELECT sku_no, seq, encode(head_hash, 'hex') AS head_hash, statement_timestamp() AS read_at
  FROM inventory
 WHERE seq > 0
 ORDER BY sku_no
