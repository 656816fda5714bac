-- pass-waiters: counts for each waitlist entry how many later entries have just been served.
--   in   sku_no, and seqs and ords of the entries that were served, in waitlist order
UPDATE waitlist w
   SET passed = passed + cardinality(s.positions) - width_bucket(waitlist_position(w.seq, w.ord), s.positions)
  FROM (SELECT array_agg(waitlist_position(seq, ord) ORDER BY seq, ord) AS positions, max(seq) AS last_seq
          FROM unnest($seqs::int[], $ords::smallint[]) AS u (seq, ord)) s
 WHERE w.sku_no = $sku_no::int AND w.seq <= s.last_seq AND waitlist_position(w.seq, w.ord) < s.positions[cardinality(s.positions)]
