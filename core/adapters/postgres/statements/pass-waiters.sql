-- pass-waiters: counts for each entry that still waits how many of those who were just served stood behind it.
--   in  $1 sku_no  $2 seqs and $3 ords of those who were served, in line order
UPDATE waitlist w
   SET passed = passed + cardinality(s.places) - width_bucket(place_of(w.seq, w.ord), s.places)
  FROM (SELECT array_agg(place_of(seq, ord) ORDER BY seq, ord) AS places, max(seq) AS last_seq
          FROM unnest($2::int[], $3::smallint[]) AS u (seq, ord)) s
 WHERE w.sku_no = $1::int AND w.seq <= s.last_seq AND place_of(w.seq, w.ord) < s.places[cardinality(s.places)]
