-- Invariants 5, 15 and 16: the decisions of each `decided` entry are complete and unchanged, and the entry lists the accepted
-- ones (core/domain/ledger.ts says what the digest covers).
-- Entries from before there was a limit of holds count one reason less.
WITH decided AS (
  SELECT sku_no, seq,
         sha256(string_agg(int4send(ord::int) || int4send(outcome::int) || int4send(quantity::int) || int4send(body_hash) || uuid_send(id)
                           || coalesce(uuid_send(user_id), int4send(owner) || '\x000000000000000000000000'::bytea), ''::bytea ORDER BY ord)) AS digest,
         max(ord) AS last_ord, min(ord) AS first_ord,
         coalesce(sum(quantity) FILTER (WHERE outcome = 1), 0) AS reserved,
         coalesce(array_agg(id ORDER BY ord) FILTER (WHERE outcome <= 2), '{}') AS accepted,
         ARRAY[count(*) FILTER (WHERE outcome = 11), count(*) FILTER (WHERE outcome = 12), count(*) FILTER (WHERE outcome = 13),
               count(*) FILTER (WHERE outcome = 14), count(*) FILTER (WHERE outcome = 15),
               count(*) FILTER (WHERE outcome = 16)]::int[] AS refused,
         bool_or((user_id IS NULL) <> (outcome > 2) OR (user_id IS NOT NULL AND owner <> ('x' || left(user_id::text, 8))::bit(32)::int)) AS misowned
    FROM reservations GROUP BY sku_no, seq
)
SELECT format('SKU %s seq %s: decisions and ledger differ', coalesce(l.sku_no, d.sku_no), coalesce(l.seq, d.seq)) AS violation
  FROM (SELECT * FROM ledger WHERE kind = 'decided') l
  FULL JOIN decided d ON d.sku_no = l.sku_no AND d.seq = l.seq
 WHERE l.seq IS NULL OR d.seq IS NULL OR l.digest IS DISTINCT FROM d.digest OR d.misowned OR l.refused || (CASE cardinality(l.refused) WHEN 5 THEN '{0}' ELSE '{}' END)::int[] <> d.refused OR l.amount <> d.reserved
    OR l.accepted <> d.accepted
    OR (l.first_offset IS NOT NULL AND (d.first_ord <> 0 OR l.last_offset - l.first_offset <> d.last_ord))
