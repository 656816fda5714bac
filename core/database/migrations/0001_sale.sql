-- The data model of the sale. Forward only; expand first, contract in a later release.
-- No foreign keys on the tables the writer fills: they cost it 18 to 30 % and every row is written under the lock of its SKU.

CREATE TABLE products (
  sku_id      text PRIMARY KEY,
  name        text NOT NULL,
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  currency    char(3) NOT NULL,
  -- The hash of the administrator's definition: it distinguishes a repeated creation from another one.
  definition_hash bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row per SKU; its lock is the lock of everything that belongs to the SKU. Few pages, updated in place (HOT).
CREATE TABLE inventory (
  sku_no          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku_id          text NOT NULL UNIQUE REFERENCES products,
  partition       integer NOT NULL CHECK (partition >= 0),
  per_user_limit  integer NOT NULL CHECK (per_user_limit > 0),
  hold_seconds    integer NOT NULL CHECK (hold_seconds > 0),
  waitlist_limit  integer NOT NULL CHECK (waitlist_limit >= 0),
  status          text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'open', 'closed')),
  mode            text NOT NULL DEFAULT 'batch' CHECK (mode IN ('batch', 'direct', 'halted')),
  resume_mode     text NOT NULL DEFAULT 'batch' CHECK (resume_mode IN ('batch', 'direct')),
  epoch           integer NOT NULL DEFAULT 0,
  opens_at        timestamptz,
  closes_at       timestamptz,

  total_stock     integer NOT NULL DEFAULT 0,
  reserved_count  integer NOT NULL DEFAULT 0 CHECK (reserved_count >= 0),
  sold_count      integer NOT NULL DEFAULT 0 CHECK (sold_count >= 0),
  waitlisted      integer NOT NULL DEFAULT 0 CHECK (waitlisted >= 0),
  seq             integer NOT NULL DEFAULT 0,
  head_hash       bytea NOT NULL DEFAULT '\x',
  ledger_at       timestamptz NOT NULL DEFAULT '-infinity',

  decided_reserved         bigint NOT NULL DEFAULT 0,
  decided_waitlisted       bigint NOT NULL DEFAULT 0,
  refused_sold_out         bigint NOT NULL DEFAULT 0,
  refused_user_limit       bigint NOT NULL DEFAULT 0,
  refused_sale_not_open    bigint NOT NULL DEFAULT 0,
  refused_sale_closed      bigint NOT NULL DEFAULT 0,
  refused_invalid          bigint NOT NULL DEFAULT 0,
  duplicates               bigint NOT NULL DEFAULT 0,
  conflicts                bigint NOT NULL DEFAULT 0,

  CONSTRAINT never_oversold CHECK (reserved_count + sold_count <= total_stock)
) WITH (fillfactor = 10);

-- One narrow row per decided request, refused ones too. `outcome`, and what was asked, never change;
-- `user_id` and `expires_at` are null on refusals. Codes are listed in core/domain/reservation.ts.
CREATE TABLE reservations (
  expires_at timestamptz,
  sku_no     integer NOT NULL,
  seq        integer NOT NULL,
  ord        smallint NOT NULL,
  outcome    smallint NOT NULL,
  state      smallint NOT NULL,
  quantity   smallint NOT NULL,
  id         uuid PRIMARY KEY,
  user_id    uuid,
  owner      integer NOT NULL,
  body_hash  integer NOT NULL
) WITH (fillfactor = 90);

CREATE INDEX reservations_overdue ON reservations (sku_no, expires_at) WHERE state = 1;

-- What the relay publishes of a ledger entry one by one; refusals are published as a sum and stay out of the index.
CREATE INDEX reservations_accepted ON reservations (sku_no, seq, ord) WHERE outcome <= 2;

-- Units a user holds, waits for or bought, per SKU: the tripwire behind the limit that the code applies.
CREATE TABLE user_holdings (
  sku_no  integer NOT NULL,
  user_id uuid NOT NULL,
  units   smallint NOT NULL,
  cap     smallint NOT NULL,
  PRIMARY KEY (sku_no, user_id),
  CONSTRAINT within_user_limit CHECK (units BETWEEN 0 AND cap)
) WITH (fillfactor = 80);

-- The waitlist, in the order of the decisions.
CREATE TABLE waitlist (
  sku_no   integer NOT NULL,
  seq      integer NOT NULL,
  ord      smallint NOT NULL,
  id       uuid NOT NULL UNIQUE,
  user_id  uuid NOT NULL,
  quantity smallint NOT NULL,
  PRIMARY KEY (sku_no, seq, ord)
);

CREATE TABLE payment_attempts (
  attempt_id     uuid PRIMARY KEY,
  reservation_id uuid NOT NULL,
  user_id        uuid NOT NULL,
  sku_no         integer NOT NULL,
  body_hash      integer NOT NULL,
  amount_minor   bigint NOT NULL,
  currency       char(3) NOT NULL,
  status         text NOT NULL DEFAULT 'OPEN'
                 CHECK (status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED', 'DECLINED', 'CONFIRMED', 'ABANDONED')),
  provider_ref   text,
  decline_code   text,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at     timestamptz
);

CREATE UNIQUE INDEX one_open_attempt ON payment_attempts (reservation_id)
  WHERE status IN ('OPEN', 'ACTION_REQUIRED', 'AUTHORISED');
CREATE INDEX unsettled_attempts ON payment_attempts (created_at) WHERE settled_at IS NULL;

CREATE TABLE orders (
  order_id       uuid PRIMARY KEY,
  reservation_id uuid NOT NULL UNIQUE,
  user_id        uuid NOT NULL,
  sku_no         integer NOT NULL,
  sku_id         text NOT NULL,
  quantity       smallint NOT NULL,
  amount_minor   bigint NOT NULL,
  currency       char(3) NOT NULL,
  status         text NOT NULL DEFAULT 'PENDING_CAPTURE'
                 CHECK (status IN ('PENDING_CAPTURE', 'PAID', 'FAILED', 'REFUNDED')),
  attempt_id     uuid NOT NULL UNIQUE,
  created_at     timestamptz NOT NULL
);

CREATE INDEX orders_of_user ON orders (user_id, created_at);
CREATE INDEX orders_to_capture ON orders (created_at) WHERE status = 'PENDING_CAPTURE';

-- Audit trail, outbox and replay source at once: one row per kind, transaction and SKU, chained by hash.
CREATE TABLE ledger (
  sku_no         integer NOT NULL,
  seq            integer NOT NULL,
  kind           text NOT NULL,
  first_offset   bigint,
  last_offset    bigint,
  at             timestamptz NOT NULL,
  total_after    integer NOT NULL,
  reserved_after integer NOT NULL,
  sold_after     integer NOT NULL,
  digest         bytea,
  refused        integer[] NOT NULL,
  moved          uuid[] NOT NULL,
  amount         bigint NOT NULL,
  prev_hash      bytea NOT NULL,
  hash           bytea NOT NULL,
  PRIMARY KEY (sku_no, seq)
);

CREATE TABLE event_progress (
  sku_no        integer PRIMARY KEY REFERENCES inventory,
  published_seq integer NOT NULL DEFAULT 0
);

-- The watermark: the next offset the writer may decide. Provisioning a topic inserts the rows; a missing one stops the writer.
CREATE TABLE partition_progress (
  topic       text NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 10);

CREATE TABLE quarantine (
  topic          text NOT NULL,
  partition      integer NOT NULL,
  "offset"       bigint NOT NULL,
  sha256         bytea NOT NULL,
  reason         text NOT NULL,
  raw            bytea NOT NULL,
  quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset")
);
