import type { Pool } from "pg"

/** Something that is wrong with a database, or with what leads to it, and no fault of any record. */
export interface Illness {
  readonly name: string
  readonly strikes: readonly string[]
  readonly heals: readonly string[]
}

/** A trigger on a table that runs these lines of PL/pgSQL for each row. */
const trigger = (name: string, table: string, body: string, kind = "BEFORE INSERT OR UPDATE", deferred = ""): Illness => ({
  name,
  strikes: [
    `CREATE FUNCTION sick() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN ${body} RETURN NEW; END $$`,
    `CREATE ${deferred && "CONSTRAINT"} TRIGGER sick ${kind} ON ${table} ${deferred} FOR EACH ROW EXECUTE FUNCTION sick()`,
  ],
  heals: [`DROP TRIGGER sick ON ${table}`, "DROP FUNCTION sick()"],
})
const raise = (state: string): string => `RAISE EXCEPTION 'sick' USING ERRCODE = '${state}';`
const check = (name: string, table: string, condition: string): Illness => ({
  name,
  strikes: [`ALTER TABLE ${table} ADD CONSTRAINT sick CHECK (${condition}) NOT VALID`],
  heals: [`ALTER TABLE ${table} DROP CONSTRAINT sick`],
})

/** The sample: no row can satisfy it. */
export const sickCheck = check("a constraint that no reservation can satisfy (23514)", "reservations", "quantity < 0")

/** Illnesses that last until they are healed. Each has the SQLSTATE that PostgreSQL answers with, as far as it is one. */
export const illnesses: readonly Illness[] = [
  sickCheck,
  check("a constraint that no holding can satisfy (23514)", "user_holdings", "units < 0"),
  {
    name: "a unique index that allows one reservation a SKU (23505)",
    // Of the newest SKU only: those of other tests have more of them already.
    strikes: [
      `DO $$ BEGIN EXECUTE format('CREATE UNIQUE INDEX sick ON reservations (sku_no) WHERE sku_no >= %s',
         (SELECT max(sku_no) FROM inventory)); END $$`,
    ],
    heals: ["DROP INDEX sick"],
  },
  {
    name: "a column that every ledger entry lacks (23502)",
    strikes: [
      "ALTER TABLE ledger ADD COLUMN sick int",
      "ALTER TABLE ledger ADD CONSTRAINT sick CHECK (sick IS NOT NULL) NOT VALID",
    ],
    heals: ["ALTER TABLE ledger DROP COLUMN sick"],
  },
  {
    name: "a table that is not there (42P01)",
    strikes: ["ALTER TABLE user_holdings RENAME TO sick"],
    heals: ["ALTER TABLE sick RENAME TO user_holdings"],
  },
  {
    name: "a privilege that was revoked (42501)",
    strikes: ["REVOKE INSERT ON reservations FROM flash_transition"],
    heals: ["GRANT INSERT ON reservations TO flash_transition"],
  },
  trigger("an error of no class that is known (P0001)", "reservations", raise("P0001")),
  trigger("a server that cannot store (53100)", "reservations", raise("53100")),
  trigger("every reservation, speaking of data (22003)", "reservations", raise("22003")),
  trigger("the watermark, speaking of data (22003)", "partition_progress", raise("22003")),
  trigger(
    "every reservation at COMMIT, speaking of data (22003)",
    "reservations",
    raise("22003"),
    "AFTER INSERT",
    "DEFERRABLE INITIALLY DEFERRED",
  ),
]

/** Speaks of data once, lets a neighbour pass, then speaks of something else: the second look finds another illness. */
export const changingIllness = trigger(
  "speaks of data at first and of memory at the second look",
  "reservations",
  `CASE nextval('sick_looks') WHEN 1 THEN ${raise("22003")} WHEN 3 THEN ${raise("53200")} ELSE NULL; END CASE;`,
  "BEFORE INSERT",
)
export const changingIllnessNeeds = "CREATE SEQUENCE sick_looks"

/** Speaks of data on the connections that there are now, and on none that is opened later. */
export const illConnections = trigger(
  "connections that speak of data",
  "reservations",
  `IF EXISTS (SELECT FROM sick_backends WHERE pid = pg_backend_pid()) THEN ${raise("22003")} END IF;`,
  "BEFORE INSERT",
)
export const illConnectionsNeed =
  "CREATE TABLE sick_backends AS SELECT pid FROM pg_stat_activity WHERE datname = current_database()"

export async function strike(superuser: Pool, { strikes }: Illness): Promise<void> {
  for (const statement of strikes) await superuser.query(statement)
}

export async function heal(superuser: Pool, { heals }: Illness): Promise<void> {
  for (const statement of heals) await superuser.query(statement)
}
