-- Refunds: money that goes back to a shopper, all of it or a part.

-- A refund has a row before the provider is asked for it, and its id is the provider's idempotency key.
--   origin  operator   asked for here
--           provider   made at the provider, by its web page or its API
--           dispute    taken back through the bank of the shopper
--   state   REQUESTED  the provider may not have been asked
--           UNKNOWN    it was asked and gave no definite answer
--           PENDING    it has the refund and has not finished it
--           SUCCEEDED  the money went back; written with the change of the order, under the lock of the SKU
--           FAILED     the money did not go back, or it came back to the shop later
CREATE TABLE refunds (
  refund_id     uuid PRIMARY KEY,
  order_id      uuid NOT NULL,
  sku_no        integer NOT NULL,
  amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
  currency      char(3) NOT NULL,
  origin        text NOT NULL CHECK (origin IN ('operator', 'provider', 'dispute')),
  reason        text NOT NULL,
  -- Whether the units go back to stock when this refund completes the payment.
  return_unit   boolean NOT NULL,
  -- Of a refund that was asked for here: the hash of what was asked, and who asked.
  request_hash  bytea,
  requested_by  uuid,
  state         text NOT NULL DEFAULT 'REQUESTED' CHECK (state IN ('REQUESTED', 'UNKNOWN', 'PENDING', 'SUCCEEDED', 'FAILED')),
  provider_ref  text UNIQUE,
  failure_code  text,
  requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at    timestamptz,
  -- When the provider is asked next, how often it was asked, and what the last try failed with.
  next_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  tries         integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
  failing_since timestamptz,
  last_error    text
) WITH (fillfactor = 70);

CREATE INDEX refunds_of_order ON refunds (order_id, requested_at);
CREATE INDEX refunds_open ON refunds (next_at) WHERE state IN ('REQUESTED', 'UNKNOWN', 'PENDING');

-- What an order shows of its refunds: the money that went back so far, and when the last of it did. `units_kept`: all money went
-- back, and the units stay sold because an operator asked for that.
ALTER TABLE orders
  ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN refunded_at timestamptz,
  ADD COLUMN units_kept boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT refunded_within_payment CHECK (refunded_minor BETWEEN 0 AND amount_minor);
