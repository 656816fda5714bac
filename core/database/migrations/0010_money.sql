-- Money: payments that are retried later, and the one call that made a sale.

-- Work on a payment that did not succeed, and when it is tried again. No row: no try has failed yet.
--   capture    the money of an order is collected
--   give-back  the money that an abandoned attempt may hold goes back to the shopper
--   complete   the provider is asked for the state of a payment
CREATE TABLE payment_retries (
  work       text NOT NULL CHECK (work IN ('capture', 'give-back', 'complete')),
  attempt_id uuid NOT NULL,
  tries      integer NOT NULL DEFAULT 1 CHECK (tries > 0),
  since      timestamptz NOT NULL DEFAULT clock_timestamp(),
  next_at    timestamptz NOT NULL,
  -- What the last try failed with; null when it found nothing to do yet.
  last_error text,
  PRIMARY KEY (work, attempt_id)
) WITH (fillfactor = 70);

-- The call that confirmed an attempt; null for attempts that an older version confirmed.
ALTER TABLE payment_attempts ADD COLUMN confirmed_by uuid;
