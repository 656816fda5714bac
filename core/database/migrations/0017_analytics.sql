-- The figures of analytics on a machine without DynamoDB. No path of a shopper reads this schema, and no other table refers to
-- it: it can be dropped and counted again from the events that Kafka still has.
CREATE SCHEMA analytics;

-- The generation that a group counts in. A replay begins the next one.
CREATE TABLE analytics.generations (
  group_name text PRIMARY KEY,
  generation integer NOT NULL CHECK (generation >= 1)
);

-- What a group knows of one partition. State and next_offset change together, in one statement that names the revision that it
-- replaces: of two consumers of a partition only one can store what it counted.
CREATE TABLE analytics.partitions (
  group_name  text NOT NULL,
  partition   integer NOT NULL,
  generation  integer NOT NULL CHECK (generation >= 1),
  revision    bigint NOT NULL CHECK (revision >= 1),
  next_offset bigint CHECK (next_offset >= 0),
  state       bytea NOT NULL,
  written_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (group_name, partition)
) WITH (fillfactor = 50);

-- The last state of each partition in a generation that has ended.
CREATE TABLE analytics.archive (
  group_name  text NOT NULL,
  generation  integer NOT NULL,
  partition   integer NOT NULL,
  revision    bigint NOT NULL,
  next_offset bigint,
  state       bytea NOT NULL,
  archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (group_name, generation, partition)
);
