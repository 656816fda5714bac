-- accepted_of: the accepted reservations among the decisions of one sale, in their order.
--   in   the ids and outcomes of the decisions, and how many of them are accepted
--   out  the ids of the accepted ones
CREATE OR REPLACE FUNCTION accepted_of(p_ids uuid[], p_outcomes smallint[], p_accepted integer) RETURNS uuid[] IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
  -- In a rush a batch accepts all requests or none; only between the two the outcomes must be compared.
  IF p_accepted = cardinality(p_ids) THEN
    RETURN p_ids;
  ELSIF p_accepted = 0 THEN
    RETURN '{}';
  END IF;
  RETURN ARRAY(SELECT d.id FROM unnest(p_ids, p_outcomes) WITH ORDINALITY AS d (id, outcome, ord) WHERE d.outcome <= 2 ORDER BY d.ord);
END $$;
