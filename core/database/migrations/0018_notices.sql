-- What became of the notices to shoppers. The local run keeps it here; a deployed stage keeps it in DynamoDB. No address, no name
-- and no user id: a notice names its reservation.
CREATE SCHEMA notices;

-- A notice has a row before it is sent. Its key is the event that it reports, so that an event that is delivered again sends
-- nothing again.
--   state  INTENDED    it is about to be sent, or its sender ended before it recorded the outcome
--          SENT        the mail provider took it
--          FAILED      the mail provider refused it for good
--          NO_ADDRESS  the shopper has no address
--          UNKNOWN     it may have been sent; it is not sent again
--          BOUNCED     it was sent and did not arrive
--          COMPLAINED  it was sent, and the shopper marked it as unwanted
CREATE TABLE notices.notices (
  event_id       text NOT NULL,
  -- An operator who sends notices again begins the next generation.
  generation     integer NOT NULL,
  kind           text NOT NULL,
  sku_id         text NOT NULL,
  reservation_id uuid NOT NULL,
  order_id       uuid,
  occurred_at    timestamptz NOT NULL,
  state          text NOT NULL
    CHECK (state IN ('INTENDED', 'SENT', 'FAILED', 'NO_ADDRESS', 'UNKNOWN', 'BOUNCED', 'COMPLAINED')),
  -- Why it was not sent, as a code.
  reason         text,
  -- The one sender that may record the outcome.
  attempt        uuid NOT NULL,
  -- The mail provider's name of the mail.
  message_id     text,
  changed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (event_id, generation)
) WITH (fillfactor = 80);

CREATE INDEX notices_of_reservation ON notices.notices (reservation_id);
CREATE INDEX notices_by_state ON notices.notices (state, changed_at);

-- The current generation; one row.
CREATE TABLE notices.sending (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  generation integer NOT NULL CHECK (generation >= 1)
);
INSERT INTO notices.sending (generation) VALUES (1);
