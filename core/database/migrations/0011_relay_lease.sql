-- A relay takes the turn of a SKU with a committed lease, so that no transaction is open while it publishes (ADR 0021). The
-- version before locks the row instead and knows no lease: while both run, an event may be published twice, with the same event
-- id, and none is lost.

ALTER TABLE event_progress
  -- Identifies the relay that has the turn; a new value for each turn.
  ADD COLUMN claim uuid,
  -- When the turn ends, even if its relay does not end it.
  ADD COLUMN claimed_until timestamptz;

-- A turn changes its row at least three times.
ALTER TABLE event_progress SET (fillfactor = 10);
