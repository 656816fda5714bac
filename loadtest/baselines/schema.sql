-- What the baselines decide on: stock, and one row per decided request, refused ones too. They promise what the system promises of a
-- decision: durable, once per id, never oversold, one unit a user. They have no order of arrival, no ledger and no waitlist.
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
