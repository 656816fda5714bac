-- Work that runs every second reads the sales in motion, not every sale that exists (ADR 0031).

-- Since when a sale is at rest: nothing is held, nobody waits, every event is published, and Redis shows its state. Null while it
-- is in motion. PostgreSQL expects nulls to be rare, so that it uses the index below before it has statistics.
ALTER TABLE inventory
  ADD COLUMN resting_since timestamptz,
  ADD CONSTRAINT nothing_is_held_at_rest CHECK (resting_since IS NULL OR reserved_count = 0 AND waitlisted = 0);

-- None of these columns changes while a sale sells, so that the writer's updates stay in place (HOT).
CREATE INDEX inventory_in_motion ON inventory (sku_no) WHERE resting_since IS NULL;
-- Sales that are not over: a page of those at rest in turn, and the partition with the fewest for a new SKU (create_sku).
CREATE INDEX inventory_living ON inventory (partition, sku_no) WHERE status <> 'closed';
-- Sales that close by themselves, by their time.
CREATE INDEX inventory_closing ON inventory (closes_at) WHERE status <> 'closed';
