-- Commands with an idempotency key, so that each takes effect once and no key means two things. The rows are narrow, and the
-- sweeper deletes those that no client has repeated for a week.

-- A batch call of a trusted client, written before any of its items goes to the queue. The hash covers its items without their
-- order.
CREATE TABLE batch_calls (
  call_id   uuid PRIMARY KEY,
  body_hash bytea NOT NULL,
  seen_at   timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 80);

CREATE INDEX batch_calls_seen ON batch_calls (seen_at);

-- A command of an administrator that adds something (restock, extend): written in the transaction that does it.
CREATE TABLE admin_commands (
  command_id    uuid PRIMARY KEY,
  command_hash  bytea NOT NULL,
  -- Of an extension: how many holds it extended.
  holds_extended integer,
  seen_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX admin_commands_seen ON admin_commands (seen_at);
