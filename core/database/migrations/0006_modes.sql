-- The ways in which a sale is written: through Kafka, directly, or not at all.

ALTER TABLE inventory
  ADD COLUMN frozen boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT frozen_is_halted CHECK (NOT frozen OR mode = 'halted');

-- Nearly always empty: the writer reads it with every batch.
CREATE INDEX inventory_frozen ON inventory (partition) WHERE frozen;
