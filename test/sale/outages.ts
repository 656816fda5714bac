import type { Pool } from "pg"

/** A fault of a database, or of the way to it, for which no record is to blame. */
export interface Outage {
  readonly name: string
  readonly starts: readonly string[]
  readonly ends: readonly string[]
}

/** A trigger on a table that runs these lines of PL/pgSQL for each row. */
const trigger = (name: string, table: string, body: string, kind = "BEFORE INSERT OR UPDATE", deferred = ""): Outage => ({
  name,
  starts: [
    `CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN ${body} RETURN NEW; END $$`,
    `CREATE ${deferred && "CONSTRAINT"} TRIGGER failing ${kind} ON ${table} ${deferred} FOR EACH ROW EXECUTE FUNCTION failing()`,
  ],
  ends: [`DROP TRIGGER failing ON ${table}`, "DROP FUNCTION failing()"],
})
const raise = (state: string): string => `RAISE EXCEPTION 'failing' USING ERRCODE = '${state}';`
const check = (name: string, table: string, condition: string): Outage => ({
  name,
  starts: [`ALTER TABLE ${table} ADD CONSTRAINT failing CHECK (${condition}) NOT VALID`],
  ends: [`ALTER TABLE ${table} DROP CONSTRAINT failing`],
})

/** The simplest outage: no row can satisfy the constraint. */
export const failingCheck = check("a constraint that no reservation can satisfy (23514)", "reservations", "quantity < 0")

/** Outages without an end of their own. The name has the SQLSTATE of PostgreSQL's answer, if there is one. */
export const outages: readonly Outage[] = [
  failingCheck,
  check("a constraint that no holding can satisfy (23514)", "user_holdings", "units < 0"),
  {
    name: "a unique index that allows one reservation a SKU (23505)",
    // For the newest SKU only: the SKUs of other tests have more reservations already.
    starts: [
      `DO $$ BEGIN EXECUTE format('CREATE UNIQUE INDEX failing ON reservations (sku_no) WHERE sku_no >= %s',
         (SELECT max(sku_no) FROM inventory)); END $$`,
    ],
    ends: ["DROP INDEX failing"],
  },
  {
    name: "a column that every ledger entry lacks (23502)",
    starts: [
      "ALTER TABLE ledger ADD COLUMN failing int",
      "ALTER TABLE ledger ADD CONSTRAINT failing CHECK (failing IS NOT NULL) NOT VALID",
    ],
    ends: ["ALTER TABLE ledger DROP COLUMN failing"],
  },
  {
    name: "a table that is not there (42P01)",
    starts: ["ALTER TABLE user_holdings RENAME TO failing"],
    ends: ["ALTER TABLE failing RENAME TO user_holdings"],
  },
  {
    name: "a privilege that was revoked (42501)",
    starts: ["REVOKE INSERT ON reservations FROM flash_transition"],
    ends: ["GRANT INSERT ON reservations TO flash_transition"],
  },
  trigger("an error of no class that is known (P0001)", "reservations", raise("P0001")),
  trigger("a server that cannot store (53100)", "reservations", raise("53100")),
  trigger("every reservation, about data (22003)", "reservations", raise("22003")),
  trigger("the watermark, about data (22003)", "partition_progress", raise("22003")),
  trigger(
    "every reservation at COMMIT, about data (22003)",
    "reservations",
    raise("22003"),
    "AFTER INSERT",
    "DEFERRABLE INITIALLY DEFERRED",
  ),
]

/** Fails about data once, lets a neighbour pass, then fails about memory: the second try finds another failure. */
export const changingOutage = trigger(
  "fails about data at first and about memory at the second try",
  "reservations",
  `CASE nextval('failing_tries') WHEN 1 THEN ${raise("22003")} WHEN 3 THEN ${raise("53200")} ELSE NULL; END CASE;`,
  "BEFORE INSERT",
)
export const changingOutageNeeds = "CREATE SEQUENCE failing_tries"

/** Fails about data on the present connections, and on no later connection. */
export const failingConnections = trigger(
  "connections that fail about data",
  "reservations",
  `IF EXISTS (SELECT FROM failing_backends WHERE pid = pg_backend_pid()) THEN ${raise("22003")} END IF;`,
  "BEFORE INSERT",
)
export const failingConnectionsNeed =
  "CREATE TABLE failing_backends AS SELECT pid FROM pg_stat_activity WHERE datname = current_database()"

export async function startOutage(superuser: Pool, { starts }: Outage): Promise<void> {
  for (const statement of starts) await superuser.query(statement)
}

export async function endOutage(superuser: Pool, { ends }: Outage): Promise<void> {
  for (const statement of ends) await superuser.query(statement)
}
