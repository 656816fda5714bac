-- The tables of the baselines: stock, and one row per decided request, also a refused one. A decision has the guarantees of the
-- system: durable, once per id, never oversold, one unit a user. There is no order of arrival, no ledger and no waitlist.
CREATE TABLE inventory (
  sku_no         integer PRIMARY KEY,
  total_stock    integer NOT NULL,
  reserved_count integer NOT NULL DEFAULT 0,
  version        bigint NOT NULL DEFAULT 0,
  CONSTRAINT never_oversold CHECK (reserved_count BETWEEN 0 AND total_stock)
) WITH (fillfactor = 10);

-- Outcomes have the codes of core/domain/reservation.ts.
CREATE TABLE reservations (
  expires_at timestamptz,
  sku_no     integer NOT NULL,
  outcome    smallint NOT NULL,
  quantity   smallint NOT NULL,
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL
) WITH (fillfactor = 90);

CREATE UNIQUE INDEX one_unit_a_user ON reservations (sku_no, user_id) WHERE outcome = 1;

GRANT SELECT, INSERT, UPDATE ON inventory, reservations TO PUBLIC;

-- decide_under_lock: the pessimistic way in one round trip. Each statement has a snapshot from after the lock was taken.
--   in   SKU, id of the request, its user
--   out  code of the outcome; a repeated id gets the code of its first decision
CREATE FUNCTION decide_under_lock(p_sku_no integer, p_id uuid, p_user_id uuid) RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  v_available integer;
  v_outcome smallint;
BEGIN
  SELECT total_stock - reserved_count INTO STRICT v_available FROM inventory WHERE sku_no = p_sku_no FOR UPDATE;
  SELECT outcome INTO v_outcome FROM reservations WHERE id = p_id;
  IF FOUND THEN
    RETURN v_outcome;
  END IF;
  v_outcome := CASE WHEN EXISTS (SELECT FROM reservations WHERE sku_no = p_sku_no AND user_id = p_user_id AND outcome = 1) THEN 12
                    WHEN v_available > 0 THEN 1 ELSE 11 END;
  INSERT INTO reservations (expires_at, sku_no, outcome, quantity, id, user_id)
  VALUES (CASE WHEN v_outcome = 1 THEN clock_timestamp() + interval '1 hour' END, p_sku_no, v_outcome, 1, p_id, p_user_id);
  IF v_outcome = 1 THEN
    UPDATE inventory SET reserved_count = reserved_count + 1 WHERE sku_no = p_sku_no;
  END IF;
  RETURN v_outcome;
END $$;
