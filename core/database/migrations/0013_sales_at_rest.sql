-- What runs every second works on the sales in motion and not on every sale there ever was (ADR 0031).

-- Since when a sale is at rest: nothing is held, nobody waits, every event is published, and Redis shows its state. Null while it is in motion.
-- A null is what PostgreSQL expects to be rare: it uses the index below also before it has statistics.
ALTER TABLE inventory
  ADD COLUMN resting_since timestamptz,
  ADD CONSTRAINT nothing_is_held_at_rest CHECK (resting_since IS NULL OR reserved_count = 0 AND waitlisted = 0);

-- None of these columns changes while a sale sells, so that the writer's updates stay in place (HOT).
CREATE INDEX inventory_in_motion ON inventory (sku_no) WHERE resting_since IS NULL;
-- Sales that are not over: a page of those at rest in turn, and the partition with the fewest for a new SKU (create_sku).
CREATE INDEX inventory_living ON inventory (partition, sku_no) WHERE status <> 'closed';
-- Sales that close by themselves, by their time.
CREATE INDEX inventory_closing ON inventory (closes_at) WHERE status <> 'closed';

-- wake_sale: a sale at rest that changes is in motion again, whichever function or hand changes it.
CREATE FUNCTION wake_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.resting_since := NULL;
  RETURN NEW;
END $$;
-- PostgreSQL looks at the condition without a call of the function: a sale in motion pays for the look alone.
CREATE TRIGGER wake_sale BEFORE UPDATE ON inventory FOR EACH ROW
  WHEN (OLD.resting_since IS NOT NULL AND NEW.resting_since IS NOT NULL) EXECUTE FUNCTION wake_sale();

-- sign_of_life: the heartbeat. Returns the SKUs whose holds are to be extended before they may expire: those that have holds. A SKU without
-- holds needs no transaction for an outage; its next transition notes the outage first (extend_holds).
CREATE OR REPLACE FUNCTION sign_of_life() RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
  v_outage_no integer := note_outage();
BEGIN
  UPDATE server_life SET alive_at = clock_timestamp() WHERE alive_at < clock_timestamp();
  RETURN QUERY SELECT sku_no FROM inventory WHERE resting_since IS NULL AND reserved_count > 0 AND outage_no < v_outage_no ORDER BY sku_no;
END $$;
