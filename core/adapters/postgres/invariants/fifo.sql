-- Invariant 11: decisions follow the order of the partition: no ledger entry of a SKU covers offsets of an earlier one.
SELECT format('SKU %s seq %s starts at offset %s, an earlier entry reached %s', sku_no, seq, first_offset, reached) AS violation
  FROM (
    SELECT sku_no, seq, first_offset, max(last_offset) OVER (PARTITION BY sku_no ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
      FROM ledger WHERE kind = 'decided' AND first_offset IS NOT NULL
  ) l
 WHERE first_offset <= reached
