-- An entry of decisions holds the ids that it accepted, in decision order: the relay and the warming of Redis read them there and
-- then look up each by primary key. The index that served this before cost the writer a fifth of its time (ADR 0012).

-- No hash covers the list: the entry's digest covers the decisions it repeats, and an invariant compares the two.
ALTER TABLE ledger ADD COLUMN accepted uuid[] NOT NULL DEFAULT '{}';
-- Ids do not compress; trying costs a pass over them.
ALTER TABLE ledger ALTER COLUMN accepted SET STORAGE EXTERNAL;

UPDATE ledger l SET accepted = d.ids
  FROM (SELECT sku_no, seq, array_agg(id ORDER BY ord) AS ids FROM reservations WHERE outcome <= 2 GROUP BY sku_no, seq) d
 WHERE d.sku_no = l.sku_no AND d.seq = l.seq AND l.kind = 'decided';

DROP INDEX reservations_accepted;
