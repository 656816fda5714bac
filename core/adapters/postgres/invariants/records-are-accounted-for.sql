-- Invariants 3 and 13: every record below a watermark was decided, repeated a decision, or is in quarantine; none twice.
WITH counted AS (
  SELECT coalesce(sum(duplicates + conflicts), 0) AS repeated FROM inventory
), decided AS (
  SELECT count(*) AS rows FROM reservations r
    JOIN ledger l ON l.sku_no = r.sku_no AND l.seq = r.seq AND l.first_offset IS NOT NULL
), progress AS (
  -- Of each generation of the log, from its first offset (core/domain/log-generations.ts).
  SELECT coalesce(sum(next_offset & (1::bigint << 40) - 1), 0) AS offsets FROM partition_progress
)
SELECT format('%s records passed the watermark: %s decided, %s repeated, %s in quarantine', p.offsets, d.rows, c.repeated, q.rows) AS violation
  FROM counted c, decided d, progress p, (SELECT count(*) AS rows FROM quarantine) q
 WHERE p.offsets <> d.rows + c.repeated + q.rows
